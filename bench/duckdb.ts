import { performance } from "node:perf_hooks";
import { DuckDBInstance } from "@duckdb/node-api";
import { RUNS, STEPS } from "./series.ts";

export interface DuckDb {
  /** ms for the statement and all of its rows as JavaScript values. */
  time(sql: string): Promise<number>;
  close(): void;
}

/** The points of series.ts in a narrow table of DuckDB, in this process: run, metric, step, value. */
export async function openDuckDb(): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`
    CREATE TABLE points AS
    SELECT 'run-' || run AS run, metric, step, value
    FROM (
      SELECT run, step, (sin(step * 12.9898 + run * 78.233) * 43758.5453) AS noise, noise - floor(noise) AS jitter
      FROM range(${RUNS}) AS r (run), range(${STEPS}) AS s (step)
    ), LATERAL (VALUES
      ('loss', 2 * exp(-step / 2000) + 0.1 * jitter),
      ('accuracy', 1 - exp(-step / 1500) * (0.9 + 0.1 * jitter)),
      ('lr', 0.001 * 0.9999 ** step),
      ('grad_norm', 1 + jitter),
      ('seconds', 0.01 + 0.002 * jitter)
    ) AS m (metric, value)
    ORDER BY run, step`);
  return {
    async time(sql) {
      const begun = performance.now();
      (await connection.runAndReadAll(sql)).getColumnsJS();
      return performance.now() - begun;
    },
    close: () => connection.closeSync(),
  };
}

/** The questions of read.ts in its SQL. */
export const QUESTIONS = {
  thinned: `
    SELECT run, step * 249 // ${STEPS} AS bucket,
      arg_min(step, value) AS low_at, min(value) AS low, arg_max(step, value) AS high_at, max(value) AS high
    FROM points WHERE metric = 'loss' GROUP BY run, bucket ORDER BY run, bucket`,
  best: "SELECT run, min(value) AS best FROM points WHERE metric = 'loss' GROUP BY run",
  whole: "SELECT step, value FROM points WHERE metric = 'loss' AND run = 'run-7' ORDER BY step",
} as const;
