import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import { freshDatabase } from "./fresh-database.ts";
import { fetchAdapter, nodeAdapter } from "./handler-suite/adapters.ts";
import { handlerSuite } from "./handler-suite.ts";
import { openMemoryStore } from "./memory-store.ts";

const memory = { sql: false, openStore: async () => openMemoryStore() };
const postgres = { sql: true, openStore: async () => openPostgresStore(await freshDatabase()) };

handlerSuite({ name: "memory, fetch", ...memory, adapter: fetchAdapter });
handlerSuite({ name: "memory, node", ...memory, adapter: nodeAdapter });
handlerSuite({ name: "postgres, fetch", ...postgres, adapter: fetchAdapter });
handlerSuite({ name: "postgres, node", ...postgres, adapter: nodeAdapter });
