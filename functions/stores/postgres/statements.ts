import { readFileSync } from "node:fs";

const read = (name: string): string => readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), "utf8");

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
  chunkWindow: read("chunk-window"),
  chunkSeal: read("chunk-seal"),
  seriesMarks: read("series-marks"),
  seriesRollups: read("series-rollups"),
  seriesPoints: read("series-points"),
  seriesTail: read("series-tail"),
  events: read("events"),
} as const;
