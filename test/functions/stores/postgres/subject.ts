import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import { openCuttingProxy } from "../../../stand-ins/cutting-proxy.ts";
import type { StoreSubject } from "../store-suite/subject.ts";
import { connected, freshDatabase } from "./fresh-database.ts";

/** PostgreSQL, the real server, behind a line that can be cut. */
export const postgresSubject: StoreSubject = {
  name: "postgres",
  rounds: 40,
  async open() {
    const database = await freshDatabase();
    const line = await openCuttingProxy(Number(new URL(database.writerUrl).port));
    const through = (address: string) => {
      const url = new URL(address);
      url.port = String(line.port);
      return String(url);
    };
    const urls = { writerUrl: through(database.writerUrl), readerUrl: through(database.readerUrl) };
    const store = openPostgresStore(urls);
    return {
      store,
      another: async () => openPostgresStore(database),
      dialect: { iso: (column) => `iso(${column})` },
      line,
      async appendSlowly({ project, id, run, kind }) {
        const client = await connected(database.writerUrl);
        await client.query("BEGIN");
        await client.query(
          `INSERT INTO events (pos, seq, created_at, project, run_id, event_id, writer, kind)
           SELECT (pg_current_xact_id()::text::bigint + xid_offset) << 20, 1, now(), $1, $2, $3, '', $4 FROM log_origin`,
          [project, run, id, kind],
        );
        const ended = (how: string) => async () => {
          await client.query(how);
          await client.end();
        };
        return { commit: ended("COMMIT"), rollback: ended("ROLLBACK") };
      },
      async close() {
        await store.close();
        await line.close();
      },
    };
  },
};
