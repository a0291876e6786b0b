import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Binds } from "snowflake-sdk";
import type { Event } from "../../../../functions/event/event.ts";
import { insertOf, insertRow } from "../../../../functions/stores/snowflake/append.ts";
import { openConnection, type SnowflakeLogin } from "../../../../functions/stores/snowflake/connection.ts";
import { migrate } from "../../../../functions/stores/snowflake/migrate.ts";
import { openSnowflakeStore } from "../../../../functions/stores/snowflake/snowflake.ts";
import { statementOf } from "../../../../functions/stores/snowflake/statements.ts";
import { openCuttingProxy } from "../../../stand-ins/cutting-proxy.ts";
import { hasPython, startPythonServer } from "../../../stand-ins/python-server.ts";
import type { OpenedStore, StoreSubject } from "../store-suite/subject.ts";

/**
 * Snowflake: the account that INTEGRAVIZ_TEST_SNOWFLAKE names (JSON of a SnowflakeLogin whose role may create schemas
 * in its database), or else fakesnow in a Python process of our own (snowflake-server/server.py).
 *
 * Where fakesnow differs from the vendor, so that a green suite says nothing of it:
 * - no roles, users and grants: any key logs in, and the reader may do what the owner may;
 * - no row access policies; with one on a table, MIN, MAX and COUNT of it are no longer answered from metadata;
 * - names are found whatever their case; VALUES (?, PARSE_JSON(?)) and an unenforced key pass or fail as in DuckDB;
 * - an array of binds is many statements, a row each; that it needs VALUES is put in by server.py;
 * - a request may be of any size: the vendor advises 1 MB of text and binds, and some accounts were held to it
 *   compressed; a bind of up to 16 MB is put in by server.py;
 * - no warehouse, so nothing is resumed, queued, billed or ended by STATEMENT_TIMEOUT_IN_SECONDS or a quota;
 * - no result cache and no metadata-only answers; ROWS_PER_RESULTSET is not obeyed;
 * - no micro-partitions: neither pruning nor what many small inserts do to it can be seen;
 * - a double in a VARIANT (a number written with an exponent, or beyond 38 digits) keeps its 17 digits, where the vendor
 *   prints fewer: logs and metrics are read from text beside it, but params, tags and logs in SQL are VARIANT;
 * - FLATTEN fails on a key that is a backslash or begins with $, which params and tags may have at the vendor;
 * - a view of SELECT * fails after a column is added below it, as the vendor's does, but with another error;
 * - two statements of DDL at once fail, where the vendor lets one wait.
 */
const account = process.env.INTEGRAVIZ_TEST_SNOWFLAKE;

export const hasSnowflake = account !== undefined || hasPython;
export const isRealSnowflake = account !== undefined;

export interface FreshSchema {
  login: SnowflakeLogin;
  /** Of the server on this machine; the vendor is not cut off from. */
  port?: number;
  drop(): Promise<void>;
}

/** A schema that no other test knows, with nothing in it. */
export async function emptySchema(): Promise<FreshSchema> {
  const schema = `INTEGRAVIZ_TEST_${randomUUID().replaceAll("-", "").toUpperCase()}`;
  const server = account === undefined ? await startPythonServer(SERVER) : null;
  const login: SnowflakeLogin = { ...(server ? loginTo(server) : JSON.parse(account as string)), schema };
  await run(login, `CREATE SCHEMA IF NOT EXISTS ${schema}`);
  return {
    login,
    ...(server ? { port: server.port } : {}),
    async drop() {
      if (server) await server.stop();
      else await run(login, `DROP SCHEMA ${schema}`);
    },
  };
}

export async function run<Row extends object>(login: SnowflakeLogin, sql: string, binds?: Binds) {
  const db = openConnection(login, () => {});
  try {
    return await db.rows<Row>({ sql, timeoutSeconds: 60, ...(binds ? { binds } : {}) });
  } finally {
    await db.close();
  }
}

export const snowflakeSubject: StoreSubject = {
  name: "snowflake",
  rounds: 4,
  longest: 4_000,
  async open(): Promise<OpenedStore> {
    const { login, port, drop } = await emptySchema();
    await migrate(login);
    const line = port === undefined ? undefined : await openCuttingProxy(port);
    const through = line ? { ...login, accessUrl: `http://127.0.0.1:${line.port}` } : login;
    const quick = { pollMs: 50, skewMs: isRealSnowflake ? 1_000 : 50 };
    const store = openSnowflakeStore({ writer: through, reader: through, ...quick });
    const mark = async (append: string, done: boolean) => {
      const { sql, binds } = statementOf("mark", { append, done });
      await run(login, sql, binds);
    };
    const insert = async (groups: readonly (readonly Event[])[]) => {
      const { sql, binds } = insertOf(groups.flatMap((events, index) => events.map((one) => insertRow(one, index))));
      await run(login, sql, binds);
      await mark(randomUUID(), true);
    };
    return {
      store,
      another: async () => openSnowflakeStore({ writer: login, reader: login, ...quick }),
      dialect: { iso: (column) => `TO_CHAR(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"')` },
      ...(line ? { line } : {}),
      async appendSlowly(event) {
        // What append.ts does, with a pause before each of its steps.
        const append = randomUUID();
        await mark(append, false);
        const done = () => mark(append, true);
        return {
          async commit() {
            await insert([[event]]);
            await done();
          },
          async rollback() {
            await done();
          },
        };
      },
      force: insert,
      async close() {
        await store.close();
        await line?.close();
        await drop();
      },
    };
  },
};

const SERVER = new URL("../../../stand-ins/snowflake-server/server.py", import.meta.url);

export function loginTo({ port }: { port: number }): SnowflakeLogin {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const names = {
    user: "INTEGRAVIZ",
    role: "INTEGRAVIZ",
    warehouse: "INTEGRAVIZ",
    database: "INTEGRAVIZ",
    schema: "X",
  };
  return { account: "test", accessUrl: `http://127.0.0.1:${port}`, privateKey, ...names };
}
