import { createHash } from "node:crypto";
import { customMetrics, type MetricMistake } from "../custom-metrics.ts";
import { applyMetricViews } from "../metric-views.ts";
import { sqlFiles, textOf } from "../sql-files.ts";
import { type Connection, openConnection, persist, type SnowflakeLogin } from "./connection.ts";
import { metricViews } from "./custom-metrics.ts";

const files = sqlFiles(new URL("./migrations/", import.meta.url));
const read = (file: string): string => textOf(files, file.replace(/\.sql$/, ""));

const MINUTES = 5;

/**
 * Brings the schema that the owner's login names up to date, forward only: numbered files once each and in order, then
 * the views when their text or anything below them has changed, then the custom metrics. A statement of DDL ends every transaction, so nothing can be locked
 * meanwhile: every statement may be run twice instead, by one after the other or by two at once, and a file that was
 * broken off is done again from its start. What the roles may do is granted where they are made
 * (components/storage/snowflake-grants.ts), on all that is yet to come. Gives the custom metrics that could not be made,
 * which keeps nothing else from being there.
 */
export async function migrate(owner: SnowflakeLogin, metrics = customMetrics("snowflake")): Promise<MetricMistake[]> {
  const db = openConnection(owner, () => {});
  const run = <Row extends object>(sql: string, binds: string[] = []) =>
    persist(() => db.rows<Row>({ sql, binds, timeoutSeconds: MINUTES * 60 }), { deadlineMs: MINUTES * 60_000 });
  try {
    await run(
      "CREATE TABLE IF NOT EXISTS migrations (name VARCHAR NOT NULL, hash VARCHAR NOT NULL, applied_at TIMESTAMP_NTZ(6) NOT NULL)",
    );
    const rows = await run<{ name: string; hash: string }>(
      'SELECT name AS "name", hash AS "hash" FROM migrations ORDER BY applied_at',
    );
    const done = new Map(rows.map(({ name, hash }) => [name, hash]));
    const numbered = Object.keys(files)
      .filter((name) => /^\d{3}-/.test(name))
      .map((name) => `${name}.sql`)
      .sort();
    const newer = [...done.keys()].find((name) => /^\d/.test(name) && !numbered.includes(name));
    if (newer !== undefined) {
      throw new Error(
        `The database was migrated by a newer version (it has ${newer}). Run that version, or a newer one.`,
      );
    }
    const pending = numbered.filter((name) => !done.has(name));
    for (const name of pending) await apply(run, name);
    if (pending.length > 0 || done.get("views.sql") !== hashOf("views.sql")) await apply(run, "views.sql");
    for (const statement of statementsIn(read("old-marks.sql"))) await run(statement);
    return await applyMetricViews(metricViews(db, run), metrics);
  } finally {
    await db.close();
  }
}

async function apply(
  run: (sql: string, binds?: string[]) => ReturnType<Connection["rows"]>,
  name: string,
): Promise<void> {
  for (const statement of statementsIn(read(name))) await run(statement);
  await run("INSERT INTO migrations (name, hash, applied_at) SELECT :1, :2, SYSDATE()", [name, hashOf(name)]);
}

/** A request takes one statement; each ends with a semicolon at the end of its line. */
function statementsIn(sql: string): string[] {
  return sql
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/--.*$/gm, "").trim() !== "");
}

function hashOf(name: string): string {
  return createHash("sha256").update(read(name)).digest("hex");
}
