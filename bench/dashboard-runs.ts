import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DuckDBInstance } from "@duckdb/node-api";
import { customMetrics } from "../functions/stores/custom-metrics.ts";
import type { DuckDb } from "./duckdb.ts";
import { send } from "./live.ts";
import { noisyMetrics } from "./noisy-metrics.ts";

/** Runs as dashboards look at them: each event ends an epoch. */
export const RUNS = 50;
export const METRICS = 5;
const REQUEST = 1_000;
/** 2026-01-01 UTC, in ms; runs begin a minute apart. */
const BEGUN = 1_767_225_600_000;

/** Sends whole runs, and answers how many seconds that took. */
export async function fillEpochs(target: { url: string; token: string }, epochs: number): Promise<number> {
  const begun = performance.now();
  for (let first = 0; first < RUNS; first += 5)
    await Promise.all(
      Array.from({ length: 5 }, async (_, more) => {
        const run = first + more;
        await send(target, [event(run, 0, "on_train_begin", {}), event(run, 0, "params", { lr: 0.001 })]);
        for (let from = 0; from < epochs; from += REQUEST)
          await send(
            target,
            Array.from({ length: Math.min(REQUEST, epochs - from) }, (_, i) =>
              event(run, from + i, "on_epoch_end", logsOf(run, from + i)),
            ),
          );
        await send(target, [event(run, epochs, "on_train_end", { status: "finished" })]);
      }),
    );
  return (performance.now() - begun) / 1000;
}

function logsOf(run: number, epoch: number): Record<string, number> {
  const { loss, accuracy, lr, grad_norm, seconds } = noisyMetrics(run, epoch);
  return { loss, accuracy, lr, val_loss: loss * grad_norm, val_accuracy: accuracy - seconds };
}

function event(run: number, epoch: number, kind: string, logs: object): object {
  return {
    run_id: `run-${run}`,
    event_id: `run-${run}-${kind}-${epoch}`,
    kind,
    epoch,
    step: epoch,
    created_at: new Date(BEGUN + run * 60_000 + epoch * 100).toISOString(),
    logs,
  };
}

/** The same points in one narrow Parquet file, with views over it that are called as ours. */
export async function openNarrowParquet(folder: string, epochs: number): Promise<DuckDb> {
  const file = join(folder, "points.parquet").replaceAll("'", "''");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`
    COPY (
      SELECT 'default' AS project, 'run-' || run AS run, metric, split, 'epoch' AS level, epoch, epoch AS step,
        make_timestamp((${BEGUN} + run * 60000 + epoch * 100) * 1000) AS ts, value
      FROM (
        SELECT run, epoch, (sin(epoch * 12.9898 + run * 78.233) * 43758.5453) AS noise, noise - floor(noise) AS jitter,
          2 * exp(-epoch / 2000) + 0.1 * jitter AS loss, 1 - exp(-epoch / 1500) * (0.9 + 0.1 * jitter) AS accuracy
        FROM range(${RUNS}) AS r (run), range(${epochs}) AS e (epoch)
      ), LATERAL (VALUES
        ('loss', 'train', loss), ('accuracy', 'train', accuracy), ('lr', 'train', 0.001 * 0.9999 ** epoch),
        ('loss', 'validation', loss * (1 + jitter)), ('accuracy', 'validation', accuracy - 0.01 - 0.002 * jitter)
      ) AS m (metric, split, value)
      ORDER BY run, epoch
    ) TO '${file}' (FORMAT parquet)`);
  for (const statement of [
    "CREATE SCHEMA integraviz",
    `CREATE VIEW integraviz.metrics AS
     SELECT *, '0' AS writer, epoch AS seq, epoch AS pos, 'finite' AS value_kind,
       CASE metric WHEN 'loss' THEN true WHEN 'accuracy' THEN false END AS lower_is_better
     FROM read_parquet('${file}')`,
    "CREATE VIEW integraviz.metric_lines AS SELECT * FROM integraviz.metrics",
    "CREATE VIEW integraviz.metric_names AS SELECT DISTINCT project, run, metric, split, level FROM integraviz.metrics",
    `CREATE VIEW integraviz.run_summary AS
     SELECT project, run, metric, split, level, count(*) AS points,
       arg_min(value, epoch) AS first, arg_min(value, epoch)::text AS first_text,
       arg_max(value, epoch) AS last, arg_max(value, epoch)::text AS last_text,
       CASE metric WHEN 'accuracy' THEN max(value) ELSE min(value) END AS best, min(value) AS min, max(value) AS max
     FROM integraviz.metrics GROUP BY project, run, metric, split, level`,
    `CREATE TABLE integraviz.runs AS
     SELECT project, run, run AS name, 'finished' AS state, min(ts) AS started_at, max(ts) AS ended_at,
       max(ts) AS last_event_at, NULL::text AS note, false AS archived, '{"lr": 0.001}'::json AS params, '{}'::json AS tags
     FROM integraviz.metrics GROUP BY project, run`,
    `CREATE TABLE integraviz.audit (
       project text, run text, kind text, actor text, ts timestamp, reason text
     )`,
    "SET schema = 'integraviz'",
    ...customMetrics((from, to) => `epoch(${to} - ${from})`).map(({ name, sql }) => `CREATE VIEW ${name} AS ${sql}`),
  ])
    await connection.run(statement);
  return {
    async time(sql) {
      const begun = performance.now();
      (await connection.runAndReadAll(sql)).getColumnsJS();
      return performance.now() - begun;
    },
    close: () => connection.closeSync(),
  };
}
