import { readFileSync } from "node:fs";

const read = (name: string): string => readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), "utf8");

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
  series: read("series"),
  events: read("events"),
  head: read("head"),
  horizon: read("horizon"),
  denyToken: read("deny-token"),
  deniedTokens: read("denied-tokens"),
} as const;
