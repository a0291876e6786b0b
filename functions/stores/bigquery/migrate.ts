import { setTimeout as delay } from "node:timers/promises";
import { customMetrics, type MetricMistake } from "../custom-metrics.ts";
import { applyMetricViews } from "../metric-views.ts";
import { applyPending, type MigrationStep } from "../migrations.ts";
import { requireSql, sqlFiles } from "../sql-files.ts";
import { type BigqueryLogin, type Client, openClient } from "./client.ts";
import { metricViews } from "./custom-metrics.ts";
import { cellOf, runQuery } from "./query.ts";
import { reasonOf, retrying } from "./retrying.ts";
import { inDatasets } from "./statements.ts";

const numbered = sqlFiles(new URL("./migrations/", import.meta.url));
const repeatable = sqlFiles(new URL("./repeatable/", import.meta.url));
const views = requireSql(repeatable, "views");

/** Lists the custom metrics that ship, in this database's words. */
export const standardMetrics = () =>
  customMetrics((from, to) => `TIMESTAMP_DIFF(${to}, ${from}, MICROSECOND) / 1000000`);

/** Whoever holds the lock may take so long; one who was killed leaves it behind for no longer. */
const LOCK_MINUTES = 10;
const STATEMENT = { timeoutMs: 120_000, deadlineMs: 30_000 };

/**
 * Brings the owner's datasets up to date: the `Migration` of this store. Tables and views are made
 * here alone; the datasets and who may do what in them belong to components/storage/bigquery.ts, so
 * there are no grants. Making the table `migrating` is the lock, which the database drops by itself
 * where its holder does not. There is no transaction over definitions, so each file must be safe to
 * run again from the start (IF NOT EXISTS, OR REPLACE): one that failed half-way is run again the
 * next time.
 */
export async function migrate(owner: BigqueryLogin, metrics = standardMetrics()): Promise<MetricMistake[]> {
  const client = openClient(owner);
  const run = runner(client, owner);
  await lock(run);
  try {
    await run(
      "CREATE TABLE IF NOT EXISTS integraviz_events.migrations (name STRING NOT NULL, digest STRING NOT NULL, done_at TIMESTAMP NOT NULL)",
    );
    const rows = await run("SELECT name, digest FROM integraviz_events.migrations ORDER BY done_at");
    const done = new Map(rows as [string, string][]);
    await applyPending({ numbered, views }, done, (step) => apply(run, step));
    return await applyMetricViews(metricViews(client, owner, run), metrics);
  } finally {
    await run("DROP TABLE IF EXISTS integraviz_events.migrating");
  }
}

type RunStatement = (sql: string) => Promise<unknown[][]>;

function runner(client: Client, owner: BigqueryLogin): RunStatement {
  return (sql) =>
    retrying(async () => {
      const { fields, pages } = await runQuery(client, owner.location, {
        sql: inDatasets(sql, owner),
        timeoutMs: STATEMENT.timeoutMs,
      });
      const rows: unknown[][] = [];
      for await (const page of pages)
        rows.push(...page.map((cells) => fields.map((field, index) => cellOf(field, cells[index], (_, text) => text))));
      return rows;
    }, STATEMENT);
}

async function lock(run: RunStatement): Promise<void> {
  const deadline = Date.now() + LOCK_MINUTES * 60_000;
  for (;;) {
    try {
      await run(
        `CREATE TABLE integraviz_events.migrating (since TIMESTAMP)
         OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL ${LOCK_MINUTES} MINUTE))`,
      );
      return;
    } catch (error) {
      if (reasonOf(error) !== "duplicate" || Date.now() > deadline) throw error;
      await delay(500);
    }
  }
}

async function apply(run: RunStatement, { name, text, hash }: MigrationStep): Promise<void> {
  await run(text);
  await run(
    `INSERT INTO integraviz_events.migrations (name, digest, done_at) VALUES ('${name}', '${hash}', CURRENT_TIMESTAMP())`,
  );
}
