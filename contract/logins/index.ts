/** Every storage that there is a login of: a line says its kind and the file that holds it. */
export { bigquery } from "./bigquery.ts";
export { postgres } from "./postgres.ts";
export { snowflake } from "./snowflake.ts";
