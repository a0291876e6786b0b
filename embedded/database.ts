import { readFileSync } from "node:fs";
import pg from "pg";
import { mistakeText } from "../functions/stores/custom-metrics.ts";
import { migrate } from "../functions/stores/postgres/migrate.ts";
import { READER_CONNECTIONS, readerLimits } from "../functions/stores/postgres/reader-limits.ts";
import { dropOtherPanelLogins } from "../functions/stores/postgres/users.ts";
import type { ClusterAddress } from "./cluster.ts";
import type { Secrets } from "./data-folder.ts";

export interface Database {
  writerUrl: string;
  readerUrl: string;
}

/**
 * Makes the three roles and the database where they are missing, then migrates. Safe to run at
 * every start.
 */
export async function prepareDatabase(
  cluster: ClusterAddress,
  secrets: Secrets,
  name = "integraviz",
  say: (what: string) => void = () => {},
): Promise<Database> {
  const url = (role: "owner" | "writer" | "reader") => cluster.url(`integraviz_${role}`, secrets[role], name);
  const client = new pg.Client({ connectionString: cluster.superUrl("postgres") });
  await client.connect();
  try {
    for (const role of ["owner", "writer", "reader"] as const)
      await ensureRole(client, `integraviz_${role}`, secrets[role]);
    // Logins that may see some projects only are its to make.
    await client.query("ALTER ROLE integraviz_owner CREATEROLE");
    await client.query("GRANT integraviz_reader TO integraviz_owner WITH ADMIN OPTION");
    await client.query("ALTER ROLE integraviz_reader SET default_transaction_read_only = on");
    for (const limit of readerLimits("integraviz_reader", { connections: READER_CONNECTIONS }))
      await client.query(limit);
    // Of those that the server keeps (cluster.ts).
    await client.query("GRANT pg_use_reserved_connections TO integraviz_owner, integraviz_writer");
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} OWNER integraviz_owner`);
    await client.query(`ALTER DATABASE ${client.escapeIdentifier(name)} SET search_path = integraviz`);
  } finally {
    await client.end();
  }
  for (const mistake of await migrate(url("owner"))) say(mistakeText(mistake));
  await dropOtherPanelLogins(url("owner"), [secrets.reader]);
  await hideTotals(cluster.superUrl(name));
  return { writerUrl: url("writer"), readerUrl: url("reader") };
}

async function hideTotals(superUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superUrl });
  await client.connect();
  try {
    await client.query(readFileSync(new URL("./hide-totals.sql", import.meta.url), "utf8"));
  } finally {
    await client.end();
  }
}

async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
  const verb = rowCount === 0 ? "CREATE" : "ALTER";
  await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
}
