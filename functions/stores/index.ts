/** Every store that there is: a line says its kind and the file that holds what is known of it. */
export { bigquery } from "./bigquery/about.ts";
export { postgres } from "./postgres/about.ts";
export { snowflake } from "./snowflake/about.ts";
