import { createHash } from "node:crypto";
import pg from "pg";
import { customMetrics, type MetricMistake } from "../custom-metrics.ts";
import { sqlFiles } from "../sql-files.ts";
import { clientOf, type PostgresAddress } from "./connection.ts";
import { applyCustomMetrics } from "./custom-metrics.ts";
import { statements } from "./statements.ts";

const files = sqlFiles(new URL("./migrations/", import.meta.url));
const read = (name: string): string => files[name.replace(/\.sql$/, "")] as string;

/** Any number that nothing else in the database locks. */
const LOCK = 4_827_150_933;

/**
 * Brings the database that the owner logs in to up to date, forward only: numbered files once each and in order,
 * then the views when their text or anything below them has changed, then the grants, the custom metrics and the access by project. Safe to run
 * twice and from two places at once. The roles integraviz_writer and integraviz_reader must exist, and the owner have
 * CREATEROLE. Gives the custom metrics that could not be made, which keeps nothing else from being there.
 */
export async function migrate(owner: PostgresAddress, metrics = customMetrics("postgres")): Promise<MetricMistake[]> {
  const client = new pg.Client({ ...clientOf(owner), application_name: "integraviz migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await client.query("CREATE SCHEMA IF NOT EXISTS integraviz");
    await client.query("SET search_path = integraviz");
    await client.query(
      "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
    );
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
    await client.end();
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
