import { sqlFiles } from "../sql-files.ts";

const files = sqlFiles(new URL("./sql/", import.meta.url));

const read = (name: string): string => {
  const text = files[name];
  if (text === undefined) throw new Error(`There is no sql/${name}.sql.`);
  return text;
};

const insert = read("insert");

/** The SQL of this store, one file a statement. */
export const statements = {
  /** All of the events, or an error where one stands there already. */
  append: `WITH stored AS (${insert}) ${read("append-pending")}`,
  /** Those that do not stand there yet, and the transaction that stored them. */
  appendMissing: `WITH stored AS (${insert} ON CONFLICT (project, event_id) DO NOTHING RETURNING pos)
    SELECT max(pos) >> 20 AS transaction FROM stored`,
  compare: read("compare"),
  control: read("control"),
  projects: read("projects"),
  runs: read("runs"),
  summary: read("summary"),
  audit: read("audit"),
  series: read("series"),
  events: read("events"),
  raiseOrigin: read("raise-origin"),
} as const;
