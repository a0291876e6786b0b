import { describe } from "vitest";
import type { Store } from "../../../functions/stores/store.ts";
import { NO_PYTHON } from "../../stand-ins/python-server.ts";
import { hasSnowflake, snowflakeSubject } from "../stores/snowflake/subject.ts";
import { fetchAdapter } from "./handler-suite/adapters.ts";
import { handlerSuite } from "./handler-suite.ts";

/** The store, which takes its server with it when it is closed. */
async function openStore(): Promise<Store> {
  const { store, close } = await snowflakeSubject.open();
  const ended = store.close;
  let closing: Promise<void> | undefined;
  store.close = () => {
    // The subject closes the store in its turn.
    store.close = ended;
    closing ??= close();
    return closing;
  };
  return store;
}

describe.skipIf(!hasSnowflake)(hasSnowflake ? "handler" : `handler ${NO_PYTHON}`, () => {
  const parts = ["ingest", "control", "runs", "series", "stream"] as const;
  handlerSuite({ name: "snowflake, fetch", sql: true, openStore, adapter: fetchAdapter, parts });
});
