import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

const folder = new URL("./migrations/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");

/** Any number that nothing else in the database locks. */
const LOCK = 4_827_150_933;

/**
 * Brings the database that the owner's URL names up to date, forward only: numbered files once each and in order,
 * then the views when their text has changed, then the grants and the access by project. Safe to run twice and from
 * two places at once. The roles integraviz_writer and integraviz_reader must exist, and the owner have CREATEROLE.
 */
export async function migrate(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "integraviz migrate" });
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
    const numbered = readdirSync(folder)
      .filter((name) => /^\d{3}-.*\.sql$/.test(name))
      .sort();
    const newer = [...done.keys()].find((name) => /^\d/.test(name) && !numbered.includes(name));
    if (newer !== undefined) {
      throw new Error(
        `The database was migrated by a newer version (it has ${newer}). Run that version, or a newer one.`,
      );
    }
    for (const name of numbered) if (!done.has(name)) await apply(client, name);
    if (done.get("views.sql") !== hashOf("views.sql")) await apply(client, "views.sql");
    await client.query(read("grants.sql"));
    await client.query(read("access.sql"));
    await client.query(readFileSync(new URL("./sql/raise-origin.sql", import.meta.url), "utf8"));
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
