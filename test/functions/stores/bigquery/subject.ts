import type { Event } from "../../../../functions/event/event.ts";
import { openBigqueryStore } from "../../../../functions/stores/bigquery/bigquery.ts";
import { openClient } from "../../../../functions/stores/bigquery/client.ts";
import { insertRowOf } from "../../../../functions/stores/bigquery/event-rows.ts";
import { migrate } from "../../../../functions/stores/bigquery/migrate.ts";
import { startBigquery } from "../../../stand-ins/bigquery-server.ts";
import { openCuttingProxy } from "../../../stand-ins/cutting-proxy.ts";
import type { StoreSubject } from "../store-suite/subject.ts";

/**
 * BigQuery: a project of Google's where INTEGRAVIZ_TEST_BIGQUERY names one, else the stand-in of its REST API over
 * DuckDB (test/stand-ins/bigquery-server). Where the stand-in differs from the vendor:
 *
 * - SQL is translated by sqlglot, which takes much that BigQuery does not (types are hardly checked, any function of
 *   DuckDB is known); of what is refused it has the partition filter, JSON that is compared, grouped or ordered, names
 *   without a dataset, several accounts' rights, and what is no statement.
 * - Options of tables are dropped: partitions, clusters, expiry, and that a lock left behind is removed, are not tested.
 *   Nor is what follows of them: a day is read as a whole, whatever the time of day that is asked for.
 * - A partition filter is one where the column stands in WHERE at all; the vendor wants one it can prune by.
 * - PARSE_JSON takes any number, and wide_number_mode is not looked at; the vendor's refuses what no double holds exactly.
 * - JSON stays as it was sent; the vendor writes it anew (order of keys, 1e300 as 1e+300). So bodies are compared parsed.
 * - Errors have DuckDB's text; of mistakes of syntax and unknown names alone it says where. Views are checked when made, and again when read.
 * - Rows can be read as soon as insertAll answers, and all of a request at once; the vendor promises seconds.
 * - insertId drops repeats for ever; the vendor for about a minute, at its best effort.
 * - Rows just inserted could be deleted; the vendor keeps them for 30 minutes.
 * - Nothing is billed, so maximumBytesBilled and job time-outs do nothing; every job is complete when it is answered.
 * - Authorized datasets are not modelled: a view reads all tables for whoever may read the view.
 * - A table takes rows at once; the vendor's new one may answer 404 to insertAll for up to two minutes.
 * - Any result is put in order; the vendor does it in one worker, which many GB exceed.
 * - No time-out, quota or rate limit but those that a test asks for, beside the 10 MB and 50,000 rows of an insertAll;
 *   a page of results holds 5,000 rows.
 * - An append under way leaves no trace here or there. That it ends before readers pass its places hangs on the vendor:
 *   a call that was ended on this side may be done yet, for which there are two seconds (`SETTLE_MS`).
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
    const insert = async (groups: readonly (readonly Event[])[], pos: number) => {
      const rows = groups.flatMap((events, index) =>
        events.map((event) => ({ json: insertRowOf(event, pos + index).json })),
      );
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
        return { commit: () => insert([[event]], begun) };
      },
      force: (groups) => insert(groups, Date.now() * 1000),
      async close() {
        await store.close();
        await line?.close();
        await server.stop();
      },
    };
  },
};
