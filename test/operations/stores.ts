import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBigqueryStore } from "../../functions/stores/bigquery/bigquery.ts";
import { migrate as migrateBigquery } from "../../functions/stores/bigquery/migrate.ts";
import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import { migrate as migrateSnowflake } from "../../functions/stores/snowflake/migrate.ts";
import { openSnowflakeStore } from "../../functions/stores/snowflake/snowflake.ts";
import type { Store } from "../../functions/stores/store.ts";
import { freshDatabase } from "../functions/stores/postgres/fresh-database.ts";
import { emptySchema, hasSnowflake } from "../functions/stores/snowflake/subject.ts";
import { isRealBigquery, startBigquery } from "../stand-ins/bigquery-server.ts";
import { hasPython } from "../stand-ins/python-server.ts";

/** An empty store, and what the command line takes for it. */
export interface FreshStore {
  url: string;
  env: Record<string, string>;
  store: Store;
  close(): Promise<void>;
}

/** A store of a database of its own, and the URL that the command line takes for it. */
export async function freshStore(): Promise<FreshStore & { ownerUrl: string }> {
  const { writerUrl, ownerUrl } = await freshDatabase();
  const store = openPostgresStore({ writerUrl, readerUrl: writerUrl });
  return { url: writerUrl, ownerUrl, env: {}, store, close: () => store.close() };
}

/** Each kind of store, where there is a server for it. @param folder for keys */
export const freshStores: Record<string, { isThere: boolean; open(folder: string): Promise<FreshStore> }> = {
  postgres: { isThere: true, open: freshStore },
  bigquery: {
    isThere: hasPython || isRealBigquery,
    async open(folder) {
      const { owner, writer, reader, stop } = await startBigquery();
      await migrateBigquery(owner);
      const file = join(folder, "credentials.json");
      if (writer.auth.by === "key") writeFileSync(file, writer.auth.key);
      const query = new URLSearchParams({
        location: writer.location,
        ...(writer.endpoint && { endpoint: writer.endpoint }),
      });
      const store = openBigqueryStore({ writer, reader, settleMs: 1_000, pollMs: 100 });
      return {
        url: `bigquery://${writer.project}/${writer.dataset}?${query}`,
        env: writer.auth.by === "key" ? { GOOGLE_APPLICATION_CREDENTIALS: file } : {},
        store,
        async close() {
          await store.close();
          await stop();
        },
      };
    },
  },
  snowflake: {
    isThere: hasSnowflake,
    async open(folder) {
      const { login, drop } = await emptySchema();
      await migrateSnowflake(login);
      const file = join(folder, "key.pem");
      writeFileSync(file, login.privateKey);
      const { account, user, database, schema, warehouse, role, accessUrl } = login;
      const query = new URLSearchParams({ warehouse, role, ...(accessUrl && { accessUrl }) });
      const store = openSnowflakeStore({ writer: login, reader: login });
      return {
        url: `snowflake://${user}@${account}/${database}/${schema}?${query}`,
        env: { SNOWFLAKE_PRIVATE_KEY_PATH: file },
        store,
        async close() {
          await store.close();
          await drop();
        },
      };
    },
  },
};
