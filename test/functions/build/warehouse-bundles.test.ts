import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleNames } from "../../../contract/bundles.ts";
import type { Scope, SigningKey } from "../../../contract/tokens.ts";
import { buildBundles } from "../../../functions/build/build.ts";
import { signToken } from "../../../functions/http/tokens.ts";
import { toMessages } from "../../../functions/stores/queue/message.ts";
import type { Store } from "../../../functions/stores/store.ts";
import { NO_PYTHON } from "../../stand-ins/python-server.ts";
import { sampleEvent } from "../event/sample-event.ts";
import { lambdaEvents, responseOf, wireRequest } from "../http/handler-suite/lambda-adapters.ts";
import { aloneBundles } from "./alone-bundles.ts";
import {
  type BundleDatabase,
  bundleSubjects,
  handlerEnvironment,
  migrationEnvironment,
  type SplitLogin,
} from "./bundle-databases.ts";
import { invoke, runBundle } from "./bundle-process.ts";

const KEY: SigningKey = { kty: "oct", alg: "HS256", kid: "1", k: "d2FyZWhvdXNlLXdhcmVob3VzZS13YXJlaG91c2Utd2E" };

const folder = await mkdtemp(join(tmpdir(), "integraviz-warehouses-"));
const { undo, alone } = aloneBundles(folder);

const { lambda, lambdaWorker, lambdaMigrate, node, nodeMigrate } = bundleNames;
const tried = [lambda, lambdaWorker, lambdaMigrate, node, nodeMigrate];
const names = bundleSubjects.flatMap(({ kind }) => tried.map((nameOf) => nameOf(kind)));
await buildBundles(folder, names);

const times = {
  snowflake: `SELECT '2026-07-02 03:04:05'::TIMESTAMP_NTZ AS plain, '2026-07-02 03:04:05 +0200'::TIMESTAMP_TZ AS zoned,
    '2026-07-02 03:04:05'::TIMESTAMP_LTZ AS here, '2026-07-02'::DATE AS day, '03:04:05'::TIME AS time`,
  bigquery: "SELECT TIMESTAMP '2026-07-02 03:04:05+02:00' AS zoned, DATE '2026-07-02' AS day",
};

for (const { kind, isThere, open, store } of bundleSubjects) {
  const title = `${kind}, from an empty folder, in a fresh process`;
  describe.skipIf(!isThere)(isThere ? title : `${title}: ${NO_PYTHON}`, () => {
    let database: BundleDatabase;
    let env: Record<string, string>;

    beforeAll(async () => {
      database = await open();
      undo.push(() => database.close());
      env = handlerEnvironment(database, [KEY]);
      expect(await invoke(await alone(lambdaMigrate(kind)), {}, migrationEnvironment(database))).toEqual({ ok: true });
    });

    /** What a store of this process says, whose driver is whole. */
    async function ask<T>(question: (opened: Store) => Promise<T>): Promise<T> {
      const login = ({ plain, secrets }: SplitLogin) => ({ ...plain, ...secrets });
      const opened = store.open({ writer: login(database.writer), reader: login(database.reader) });
      try {
        return await question(opened);
      } finally {
        await opened.close();
      }
    }
    const stateOf = (run: string) => ask(async (opened) => (await opened.run("default", run))?.state);

    async function post(path: string, scope: Scope, body: object): Promise<{ status: number; answer: object }> {
      const token = await signToken(KEY, { actor: "ci", projects: "*", scopes: [scope], jti: "1" });
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const request = await wireRequest(path, { method: "POST", headers, body: JSON.stringify(body) });
      const [front] = Object.values(lambdaEvents);
      const response = responseOf((await invoke(await alone(lambda(kind)), front!(request), env)) as never);
      return { status: response.status, answer: (await response.json()) as object };
    }

    test("the migration on Node finds the schema current", async () => {
      const running = runBundle([await alone(nodeMigrate(kind))], migrationEnvironment(database));
      expect([await running.exit, running.output()]).toEqual([0, "The schema is current.\n"]);
    });

    test("the Lambda function takes an event", async () => {
      const event = { run_id: "asked", event_id: randomUUID(), kind: "on_epoch_end", epoch: 0, logs: { loss: 1 } };
      expect(await post("/v1/events", "ingest", event)).toMatchObject({ status: 200, answer: { accepted: 1 } });
      expect(await stateOf("asked")).toBe("running");
    });

    test("the Lambda function reads times as the whole driver does", async () => {
      const sql = times[kind];
      const { columns, rows } = await ask((opened) => opened.sql(sql));
      expect(await post("/v1/sql", "read", { sql })).toMatchObject({ status: 200, answer: { columns, rows } });
    });

    test("the Lambda worker appends a batch", async () => {
      const event = sampleEvent({ project: "default", run: "queued" });
      const [body] = toMessages([event], { packBytes: 1e6, messageBytes: 1e6 });
      const batch = { Records: [{ messageId: "1", body }] };
      expect(await invoke(await alone(lambdaWorker(kind)), batch, env)).toEqual({ batchItemFailures: [] });
      expect(await stateOf("queued")).toBe("running");
    });
  });
}

const SNOWFLAKE = {
  driver: "snowflake",
  account: "a",
  user: "u",
  role: "r",
  warehouse: "w",
  database: "d",
  schema: "s",
};
const BIGQUERY = { driver: "bigquery", project: "p", dataset: "d", views: "v", location: "EU" };
const byKey = { ...BIGQUERY, auth: { by: "key" } };

describe("a wrong login ends the bundle with 1 and one line that names the variable", () => {
  test.each([
    ["snowflake", { driver: "none" }, {}, "INTEGRAVIZ_STORE, at driver, is not what this bundle takes."],
    ["snowflake", SNOWFLAKE, {}, "INTEGRAVIZ_STORE, at privateKey, should be a string."],
    ["bigquery", SNOWFLAKE, {}, "INTEGRAVIZ_STORE, at driver, is not what this bundle takes."],
    ["bigquery", { ...BIGQUERY, auth: { by: "aws" } }, {}, "INTEGRAVIZ_STORE, at auth.audience, should be a string."],
    ["bigquery", byKey, {}, "INTEGRAVIZ_STORE logs in by a key, and its secret has none."],
    ["bigquery", byKey, { key: "hunter2" }, "INTEGRAVIZ_STORE logs in by a key that is not JSON."],
  ] as const)("%s with %j", async (kind, login, store, message) => {
    for (const name of [node(kind), nodeMigrate(kind)]) {
      const running = runBundle([await alone(name)], {
        INTEGRAVIZ_STORE: JSON.stringify(login),
        INTEGRAVIZ_READER: JSON.stringify(login),
        INTEGRAVIZ_SECRETS: JSON.stringify({ store, reader: store, tokenKeys: [KEY] }),
        INTEGRAVIZ_LIMITS: JSON.stringify({ bodyBytes: 1, seconds: 1, stream: "poll" }),
        PORT: "0",
      });
      expect(await running.exit).toBe(1);
      expect(running.output()).toContain(message);
      expect(running.output()).not.toMatch(/hunter2|\n\s+at /);
    }
  });
});
