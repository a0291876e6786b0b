import type { Event } from "../../functions/event.ts";
import { openBigqueryStore } from "../../functions/stores/bigquery/bigquery.ts";
import { openClient } from "../../functions/stores/bigquery/client.ts";
import { insertRowOf } from "../../functions/stores/bigquery/event-rows.ts";
import { migrate } from "../../functions/stores/bigquery/migrate.ts";
import { startBigquery } from "./bigquery-server.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";
import type { StoreSubject } from "./store-suite/subject.ts";

/**
 * BigQuery: a project of Google's where INTEGRAVIZ_TEST_BIGQUERY names one, else the stand-in of its REST API over
 * DuckDB (test/functions/bigquery-server). Where the stand-in differs from the vendor:
 *
 * - SQL is translated by sqlglot, which takes much that BigQuery does not (types are hardly checked, any function of
 *   DuckDB is known); of what is refused it has the partition filter, JSON that is compared, grouped or ordered, names
 *   without a dataset, several accounts' rights, and what is no statement.
 * - A partition filter is one where the column stands in WHERE at all; the vendor wants one it can prune by.
 * - JSON stays as it was sent; the vendor writes it anew (order of keys, 1e300 as 1e+300). So bodies are compared parsed.
 * - Errors have DuckDB's text; of mistakes of syntax and unknown names alone it says where. Views are checked when made, and again when read.
 * - Rows can be read as soon as insertAll answers, and all of a request at once; the vendor promises seconds.
 * - insertId drops repeats for ever; the vendor for about a minute, at its best effort.
 * - Rows just inserted could be deleted; the vendor keeps them for 30 minutes.
 * - Nothing is billed, so maximumBytesBilled and job time-outs do nothing; every job is complete when it is answered.
 * - Authorized datasets are not modelled: a view reads all tables for whoever may read the view.
 * - A table takes rows at once; the vendor's new one may answer 404 to insertAll for up to two minutes.
 * - No time-out, quota or rate limit but those that a test asks for; a page of results holds 5,000 rows.
 */
export const bigquerySubject: StoreSubject = {
  name: "bigquery",
  rounds: 5,
  async open() {
    const server = await startBigquery();
    await migrate(server.owner);
    const times = { settleMs: 1_000, pollMs: 100, controlMs: 0 };
    const line = server.port === undefined ? undefined : await openCuttingProxy(server.port);
    const through =
      line === undefined ? server.writer : { ...server.writer, endpoint: `http://127.0.0.1:${line.port}` };
    const store = openBigqueryStore({ writer: through, reader: server.reader, ...times });
    const client = openClient(server.writer);
    const insert = async (events: readonly Event[], pos: number) => {
      const rows = events.map((event, index) => ({ json: insertRowOf(event, pos + index).json }));
      const path = `/datasets/${server.writer.dataset}/tables/events/insertAll`;
      await client("POST", path, { json: { rows }, timeoutMs: 10_000 });
    };
    return {
      store,
      another: async () => openBigqueryStore({ writer: server.writer, reader: server.reader, ...times }),
      dialect: { iso: (column) => `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ${column}, 'UTC')` },
      ...(line === undefined ? {} : { line }),
      async appendSlowly(event) {
        const begun = Date.now() * 1000;
        return { commit: () => insert([event], begun), rollback: async () => {} };
      },
      force: (events) => insert(events, Date.now() * 1000),
      async close() {
        await store.close();
        await line?.close();
        await server.stop();
      },
    };
  },
};
