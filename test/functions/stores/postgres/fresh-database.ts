import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { ClusterAddress } from "../../../../embedded/cluster.ts";
import { type Database, prepareDatabase } from "../../../../embedded/database.ts";

export interface FreshDatabase extends Database {
  name: string;
  ownerUrl: string;
  /** As the superuser, in this database. */
  superUrl: string;
}

/** Roles belong to the whole cluster, and two sessions may not alter one at the same time. */
const PREPARING = 11;

/** A migrated database that no other test knows. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { secrets } = inject("cluster");
  const cluster = sharedCluster();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const urls = await alone(cluster, () => prepareDatabase(cluster, secrets, name));
  return {
    ...urls,
    name,
    ownerUrl: cluster.url("integraviz_owner", secrets.owner, name),
    superUrl: cluster.superUrl(name),
  };
}

/** A database with the owner's rights and nothing in it. */
export async function emptyDatabase(): Promise<{ ownerUrl: string }> {
  const { ownerUrl, name } = await freshDatabase();
  await asUser(sharedCluster().superUrl(name), (client) => client.query("DROP SCHEMA integraviz CASCADE"));
  return { ownerUrl };
}

/** What the server is, to those who only connect to it. */
export function sharedCluster(): ClusterAddress {
  const { port, secrets } = inject("cluster");
  const url = (user: string, password: string, database: string) =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  return {
    port,
    url,
    superUrl: (database) => url("postgres", secrets.superuser, database),
  };
}

export async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** A connection for as long as the work takes. */
export async function asUser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connected(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function alone<T>(cluster: ClusterAddress, work: () => Promise<T>): Promise<T> {
  return asUser(cluster.superUrl("postgres"), async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [PREPARING]);
    return work();
  });
}
