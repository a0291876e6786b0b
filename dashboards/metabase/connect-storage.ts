import type { Send } from "../send.ts";
import type { Target } from "../target.ts";
import { metabaseDatabase } from "./database.ts";

/**
 * Registers the storage under the target's name, or brings what is registered up to date. Metabase
 * tries it first.
 */
export async function connectStorage(send: Send, { name, reader }: Target): Promise<{ id: number }> {
  const database = { name, ...metabaseDatabase(reader) };
  const { body: listed } = await send("GET", "/api/database");
  const found = (listed.data as { id: number; name: string }[]).find((one) => one.name === name);
  const { body: kept } = found
    ? await send("PUT", `/api/database/${found.id}`, database)
    : await send("POST", "/api/database", { ...database, is_full_sync: true, is_on_demand: false });
  await send("POST", `/api/database/${kept.id}/sync_schema`);
  return { id: kept.id };
}
