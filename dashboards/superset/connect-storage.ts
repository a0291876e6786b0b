import type { Send } from "../send.ts";
import type { Target } from "../target.ts";
import { supersetDatabase } from "./database.ts";

/**
 * Registers the storage under the target's name, or brings what is registered up to date. Superset
 * tries it first.
 */
export async function connectStorage(send: Send, { name, reader }: Target): Promise<{ id: number }> {
  const database = {
    database_name: name,
    ...supersetDatabase(reader),
    extra: JSON.stringify({ allows_virtual_table_explore: true }),
  };
  await send("POST", "/api/v1/database/test_connection/", database);
  const filter = `(filters:!((col:database_name,opr:eq,value:'${name.replace(/[!']/g, "!$&")}')))`;
  const { body: found } = await send("GET", `/api/v1/database/?q=${encodeURIComponent(filter)}`);
  const id = found.result[0]?.id as number | undefined;
  if (id !== undefined) {
    await send("PUT", `/api/v1/database/${id}`, database);
    return { id };
  }
  const { body: made } = await send("POST", "/api/v1/database/", { ...database, expose_in_sqllab: true });
  return { id: made.id };
}
