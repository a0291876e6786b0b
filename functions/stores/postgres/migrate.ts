import pg from "pg";
import { customMetrics, type MetricMistake } from "../custom-metrics.ts";
import { applyPending, type MigrationStep } from "../migrations.ts";
import { requireSql, sqlFiles } from "../sql-files.ts";
import { clientOf, type PostgresAddress } from "./connection.ts";
import { applyCustomMetrics } from "./custom-metrics.ts";
import { queryOf } from "./statements.ts";

const numbered = sqlFiles(new URL("./migrations/", import.meta.url));
const repeatable = sqlFiles(new URL("./repeatable/", import.meta.url));
const views = ["functions", "metric-tables", "views"].map((name) => requireSql(repeatable, name)).join("\n");

const FIRST = [
  "CREATE SCHEMA IF NOT EXISTS integraviz",
  "CREATE TABLE IF NOT EXISTS integraviz.migrations (name text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
];
/**
 * Another session made it at the same moment, for all of IF NOT EXISTS: unique_violation,
 * duplicate_schema, duplicate_table, or duplicate_object, of the table's type.
 */
const IS_THERE = new Set(["23505", "42P06", "42P07", "42710"]);
const LOCK_NOT_AVAILABLE = "55P03";
/** Whoever comes behind the migration waits as long as it does. */
const LOCK_SECONDS = 5;

/**
 * Brings the database that the owner logs in to up to date: the `Migration` of this store, without
 * its users. After the views come the grants, the custom metrics and the access by project. The
 * roles integraviz_writer and integraviz_reader must exist, and the owner have CREATEROLE.
 */
export async function migrate(owner: PostgresAddress, metrics = customMetrics()): Promise<MetricMistake[]> {
  const connection = () => new pg.Client({ ...clientOf(owner), application_name: "integraviz migrate" });
  const [client, holder] = [connection(), connection()];
  // One that breaks while nothing is asked of it is told by the next statement.
  for (const one of [client, holder]) one.on("error", () => {});
  try {
    await Promise.all([client.connect(), holder.connect()]);
    for (const statement of FIRST)
      await holder.query(statement).catch((error: { code?: string }) => {
        if (!IS_THERE.has(error.code ?? "")) throw error;
      });
    // Keeps other migrations out for all of the transactions below; an advisory lock would be
    // anybody's to hold.
    await holder.query("SET idle_in_transaction_session_timeout = 0");
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE integraviz.migrations IN SHARE UPDATE EXCLUSIVE MODE");
    await client.query("SET search_path = integraviz");
    await client.query(`SET lock_timeout = '${LOCK_SECONDS}s'`);
    const { rows } = await client.query<{ name: string; hash: string }>("SELECT name, hash FROM migrations");
    const done = new Map(rows.map(({ name, hash }) => [name, hash]));
    await applyPending({ numbered, views }, done, (step) => apply(client, step));
    await client.query(requireSql(repeatable, "grants"));
    await client.query(queryOf("raiseOrigin"));
    const mistakes = await applyCustomMetrics(client, metrics);
    await client.query(requireSql(repeatable, "access"));
    return mistakes;
  } catch (error) {
    throw (error as { code?: string }).code === LOCK_NOT_AVAILABLE ? heldUp() : error;
  } finally {
    await Promise.all([client.end(), holder.end()]);
  }
}

function heldUp(): Error {
  return new Error(
    `The migration waited ${LOCK_SECONDS} s for tables or views that another session holds, and gave up; what it ` +
      "finished stays. End that session (SELECT pid, usename, xact_start FROM pg_stat_activity ORDER BY 3), and run it again.",
  );
}

async function apply(client: pg.Client, { name, text, hash }: MigrationStep): Promise<void> {
  await client.query("BEGIN");
  await client.query(text);
  await client.query(
    "INSERT INTO migrations (name, hash) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET hash = $2, at = now()",
    [name, hash],
  );
  await client.query("COMMIT");
}
