import { requireSql, sqlFiles } from "../sql-files.ts";

const files = sqlFiles(new URL("./sql/", import.meta.url));
const read = (name: string): string => requireSql(files, name);

/** The SQL of this store, one file a statement. */
export const statements = {
  mark: read("mark"),
  insert: read("insert"),
  compare: read("compare"),
  control: read("control"),
  projects: read("projects"),
  runs: read("runs"),
  summary: read("summary"),
  audit: read("audit"),
  tagSeq: read("tag-seq"),
  series: read("series"),
  events: read("events"),
  log: read("log"),
  logSize: read("log-size"),
  newestMark: read("newest-mark"),
  horizon: read("horizon"),
  denyToken: read("deny-token"),
  deniedTokens: read("denied-tokens"),
} as const;
