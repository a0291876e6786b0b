import { createHash } from "node:crypto";
import pg from "pg";
import { customMetrics, type MetricMistake } from "../custom-metrics.ts";
import { sqlFiles } from "../sql-files.ts";
import { clientOf, type PostgresAddress } from "./connection.ts";
import { applyCustomMetrics } from "./custom-metrics.ts";
import { statements } from "./statements.ts";

const files = sqlFiles(new URL("./migrations/", import.meta.url));
const read = (name: string): string => files[name.replace(/\.sql$/, "")] as string;

const FIRST = [
  "CREATE SCHEMA IF NOT EXISTS integraviz",
  "CREATE TABLE IF NOT EXISTS integraviz.migrations (name text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
];
/** Another session made it at the same moment. */
const UNIQUE_VIOLATION = "23505";

/**
 * Brings the database that the owner logs in to up to date, forward only: numbered files once each and in order,
 * then the views when their text or anything below them has changed, then the grants, the custom metrics and the access by project. Safe to run
 * twice and from two places at once. The roles integraviz_writer and integraviz_reader must exist, and the owner have
 * CREATEROLE. Gives the custom metrics that could not be made, which keeps nothing else from being there.
 */
export async function migrate(owner: PostgresAddress, metrics = customMetrics("postgres")): Promise<MetricMistake[]> {
  const connection = () => new pg.Client({ ...clientOf(owner), application_name: "integraviz migrate" });
  const [client, holder] = [connection(), connection()];
  try {
    await Promise.all([client.connect(), holder.connect()]);
    for (const statement of FIRST)
      await holder.query(statement).catch((error: { code?: string }) => {
        if (error.code !== UNIQUE_VIOLATION) throw error;
      });
    // Keeps other migrations out for all of the transactions below; an advisory lock would be anybody's to hold.
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE integraviz.migrations IN SHARE UPDATE EXCLUSIVE MODE");
    await client.query("SET search_path = integraviz");
    const { rows } = await client.query<{ name: string; hash: string }>("SELECT name, hash FROM migrations");
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
    for (const name of pending) await apply(client, name);
    if (pending.length > 0 || done.get("views.sql") !== hashOf("views.sql")) await apply(client, "views.sql");
    await client.query(read("grants.sql"));
    await client.query(statements.raiseOrigin);
    const mistakes = await applyCustomMetrics(client, metrics);
    await client.query(read("access.sql"));
    return mistakes;
  } finally {
    await Promise.all([client.end(), holder.end()]);
  }
}

async function apply(client: pg.Client, name: string): Promise<void> {
  await client.query("BEGIN");
  await client.query(read(name));
  await client.query(
    "INSERT INTO migrations (name, hash) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET hash = $2, at = now()",
    [name, hashOf(name)],
  );
  await client.query("COMMIT");
}

function hashOf(name: string): string {
  return createHash("sha256").update(read(name)).digest("hex");
}
