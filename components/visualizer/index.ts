/** Every visualizer that there is: a line says its kind and the file that holds it. */
export { metabase } from "./metabase.ts";
export { superset } from "./superset.ts";
