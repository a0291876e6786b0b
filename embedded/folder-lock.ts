import pg from "pg";
import type { DataFolder } from "./data-folder.ts";

/** Held by the gateway that serves the data folder, for as long as it lives. */
const GATEWAY_LOCK = 7_305_518_226;

export class FolderTaken extends Error {
  override readonly name = "FolderTaken";
  constructor(data: DataFolder) {
    super(
      `The data folder ${data.path} is in use by another integraviz on this machine. Stop that one, or give this one a folder of its own with --data.`,
    );
  }
}

/** Takes the lock by a connection that holds it. */
export async function takeLock(url: string, data: DataFolder): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "integraviz gateway", keepAlive: true });
  client.on("error", () => {});
  await client.connect();
  await lockWith(client, data);
  return client;
}

/** Refuses with `FolderTaken` where another gateway has the lock. */
export async function lockWith(client: pg.Client, data: DataFolder): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>("SELECT pg_try_advisory_lock($1) AS free", [GATEWAY_LOCK]);
  if (rows[0]?.free !== true) throw new FolderTaken(data);
}
