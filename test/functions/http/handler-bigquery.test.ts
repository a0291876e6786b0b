import { describe } from "vitest";
import { openBigqueryStore } from "../../../functions/stores/bigquery/bigquery.ts";
import { migrate } from "../../../functions/stores/bigquery/migrate.ts";
import { isRealBigquery, startBigquery } from "../../stand-ins/bigquery-server.ts";
import { hasPython, NO_PYTHON } from "../../stand-ins/python-server.ts";
import { fetchAdapter } from "./handler-suite/adapters.ts";
import { handlerSuite } from "./handler-suite.ts";

const isHere = hasPython || isRealBigquery;

describe.skipIf(!isHere)(isHere ? "the handler" : `the handler ${NO_PYTHON}`, () => {
  handlerSuite({
    name: "bigquery, fetch",
    sql: true,
    parts: ["ingest", "control", "runs", "series"],
    adapter: fetchAdapter,
    async openStore() {
      const server = await startBigquery();
      await migrate(server.owner);
      // Readers do not wait for appends under way, so that what was sent can be asked for at once:
      // no stream may be read so.
      const store = openBigqueryStore({ ...server, settleMs: 0, pollMs: 20, controlMs: 1_000 });
      const close = () => store.close().finally(() => server.stop());
      return { ...store, close };
    },
  });
});
