import type { Login } from "../../contract/login.ts";
import type { MetabaseDatabase } from "../../functions/stores/about.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";

/** Returns how Metabase reads the storage, as the store itself tells it. */
export function metabaseDatabase(reader: Login): MetabaseDatabase {
  return aboutStores[reader.driver].visualizers.metabase(reader);
}
