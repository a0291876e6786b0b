import { customMetrics, type MetricMistake } from "../custom-metrics.ts";
import { applyMetricViews } from "../metric-views.ts";
import { applyPending, type MigrationStep } from "../migrations.ts";
import { requireSql, sqlFiles } from "../sql-files.ts";
import { type Connection, openConnection, retrying, type SnowflakeLogin } from "./connection.ts";
import { metricViews } from "./custom-metrics.ts";

const numbered = sqlFiles(new URL("./migrations/", import.meta.url));
const repeatable = sqlFiles(new URL("./repeatable/", import.meta.url));
const views = requireSql(repeatable, "views");

/** Lists the custom metrics that ship, in this database's words. */
export const standardMetrics = () =>
  customMetrics((from, to) => `CAST(TIMESTAMPDIFF(MICROSECOND, ${from}, ${to}) AS DOUBLE) / 1000000`);

const MINUTES = 5;

/**
 * Brings the schema that the owner's login names up to date: the `Migration` of this store. A
 * statement of DDL ends every transaction, so nothing can be locked meanwhile: every statement may
 * be run twice instead, by one after the other or by two at once, and a file that was broken off is
 * done again from its start. What the roles may do is granted where they are made
 * (components/storage/snowflake-grants.ts), on all that is yet to come.
 */
export async function migrate(owner: SnowflakeLogin, metrics = standardMetrics()): Promise<MetricMistake[]> {
  const db = openConnection(owner, () => {});
  const run = <Row extends object>(sql: string, binds: string[] = []) =>
    retrying(() => db.rows<Row>({ sql, binds, timeoutSeconds: MINUTES * 60 }), { deadlineMs: MINUTES * 60_000 });
  try {
    await run(
      "CREATE TABLE IF NOT EXISTS migrations (name VARCHAR NOT NULL, hash VARCHAR NOT NULL, applied_at TIMESTAMP_NTZ(6) NOT NULL)",
    );
    const rows = await run<{ name: string; hash: string }>(
      'SELECT name AS "name", hash AS "hash" FROM migrations ORDER BY applied_at',
    );
    const done = new Map(rows.map(({ name, hash }) => [name, hash]));
    await applyPending({ numbered, views }, done, (step) => apply(run, step));
    for (const statement of statementsIn(requireSql(repeatable, "old-marks"))) await run(statement);
    return await applyMetricViews(metricViews(db, run), metrics);
  } finally {
    await db.close();
  }
}

async function apply(
  run: (sql: string, binds?: string[]) => ReturnType<Connection["rows"]>,
  { name, text, hash }: MigrationStep,
): Promise<void> {
  for (const statement of statementsIn(text)) await run(statement);
  await run("INSERT INTO migrations (name, hash, applied_at) SELECT :1, :2, SYSDATE()", [name, hash]);
}

/** A request takes one statement; each ends with a semicolon at the end of its line. */
function statementsIn(sql: string): string[] {
  return sql
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/--.*$/gm, "").trim() !== "");
}
