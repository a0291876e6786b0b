import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleNames } from "../../../contract/bundles.ts";
import type { SigningKey } from "../../../contract/tokens.ts";
import { type BuiltBundle, buildBundles } from "../../../functions/build/build.ts";
import { openApi } from "../../../functions/http/openapi.ts";
import { routes } from "../../../functions/http/routes/routes.ts";
import { signToken } from "../../../functions/http/tokens.ts";
import { toMessages } from "../../../functions/stores/queue/message.ts";
import { sampleEvent } from "../event/sample-event.ts";
import { startFramework } from "../http/handler-suite/functions-framework.ts";
import { lambdaEvents, responseOf, wireRequest } from "../http/handler-suite/lambda-adapters.ts";
import { asUser, freshDatabase } from "../stores/postgres/fresh-database.ts";
import { aloneBundles } from "./alone-bundles.ts";
import { invoke, loginOf, type RunningBundle, runBundle } from "./bundle-process.ts";

/** Bytes, minified, by how a name ends. */
const LIMITS: Record<string, number> = {
  postgres: 300_000,
  bigquery: 700_000,
  snowflake: 3_700_000,
  gateway: 100_000,
  "dashboards-lambda": 175_000,
  "dashboards-node": 170_000,
};

const KEY: SigningKey = { kty: "oct", alg: "HS256", kid: "1", k: "YnVuZGxlLWJ1bmRsZS1idW5kbGUtYnVuZGxlLWI" };
const EMAIL = "pusher@project.iam.gserviceaccount.com";

const folder = await mkdtemp(join(tmpdir(), "integraviz-bundles-"));
const built: BuiltBundle[] = await buildBundles(folder);
const { undo, alone } = aloneBundles(folder);
let token: string;
let env: Record<string, string>;
let writerUrl: string;

beforeAll(async () => {
  const database = await freshDatabase();
  writerUrl = database.writerUrl;
  const [writer, reader] = [loginOf(writerUrl), loginOf(database.readerUrl)];
  token = await signToken(KEY, { actor: "ci", projects: "*", scopes: ["ingest"], jti: "1" });
  env = {
    INTEGRAVIZ_STORE: JSON.stringify(writer.login),
    INTEGRAVIZ_READER: JSON.stringify(reader.login),
    INTEGRAVIZ_SECRETS: JSON.stringify({
      store: { password: writer.password },
      reader: { password: reader.password },
      tokenKeys: [KEY],
    }),
    INTEGRAVIZ_LIMITS: JSON.stringify({ bodyBytes: 4_500_000, seconds: 29, stream: "poll" }),
    INTEGRAVIZ_PUSH: JSON.stringify({ email: EMAIL }),
  };
});

const freshEvent = () => ({
  run_id: "bundled",
  event_id: randomUUID(),
  kind: "on_epoch_end",
  epoch: 0,
  logs: { loss: 1 },
});
const post = (event: object, more: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...more },
  body: JSON.stringify(event),
});
const isStored = (id: string) =>
  asUser(
    writerUrl,
    async (client) => (await client.query("SELECT FROM integraviz.events WHERE event_id = $1", [id])).rowCount === 1,
  );

/** Waits for the line that says where a server listens. */
async function startServer(file: string, more: Record<string, string>): Promise<RunningBundle & { port: number }> {
  const running = runBundle([file], { ...env, PORT: "0", ...more });
  undo.push(async () => {
    running.child.kill("SIGKILL");
    await running.exit;
  });
  await expect.poll(running.output).toMatch(/Listening on port \d+/);
  return { ...running, port: Number(/port (\d+)/.exec(running.output())?.[1]) };
}

describe("what is built", () => {
  test("is what the components ask for", () => {
    const stores = ["postgres", "snowflake", "bigquery"] as const;
    const asked = new Set(stores.flatMap((store) => Object.values(bundleNames).map((nameOf) => nameOf(store))));
    expect(built.map(({ name }) => name).sort()).toEqual([...asked].sort());
  });

  test.each(built.map(({ name, bytes }) => [name, bytes] as const))("%s is small", (name, bytes) => {
    const [, limit] = Object.entries(LIMITS).find(([end]) => name.endsWith(end)) as [string, number];
    expect(bytes).toBeLessThanOrEqual(limit);
  });

  test("a name that is not there is refused with those that are", async () => {
    await expect(buildBundles(folder, ["nothing"])).rejects.toThrow(/There is no bundle nothing.*lambda-postgres/);
  });
});

describe("from an empty folder, in a fresh process", () => {
  test.each(Object.keys(lambdaEvents))("the Lambda function takes an event of %s", async (front) => {
    const file = await alone("lambda-postgres");
    const event = freshEvent();
    const request = await wireRequest("/v1/events", post(event));
    const answer = responseOf((await invoke(file, lambdaEvents[front]!(request), env)) as never);
    expect([answer.status, await answer.json()]).toMatchObject([200, { accepted: 1 }]);
    expect(await isStored(event.event_id)).toBe(true);
  });

  test("the Lambda worker appends a batch, and gives back what it cannot read", async () => {
    const event = sampleEvent({ run: "bundled" });
    const [body] = toMessages([event], { packBytes: 1e6, messageBytes: 1e6 });
    const Records = [
      { messageId: "good", body },
      { messageId: "bad", body: "{" },
    ];
    expect(await invoke(await alone("worker-lambda-postgres"), { Records }, env)).toEqual({
      batchItemFailures: [{ itemIdentifier: "bad" }],
    });
    expect(await isStored(event.id)).toBe(true);
  });

  test.each(["cloud-functions-postgres", "worker-cloud-functions-postgres"])("%s answers", async (name) => {
    // The framework loads the function into its own process; here it is another copy of the file, with nothing beside it.
    const file = await alone(name);
    Object.assign(process.env, env);
    const { handler } = await import(/* @vite-ignore */ pathToFileURL(file).href);
    const framework = await startFramework(handler);
    undo.push(framework.close);
    const url = `http://127.0.0.1:${framework.port}`;
    if (name === "cloud-functions-postgres") {
      const event = freshEvent();
      expect(await (await fetch(`${url}/v1/events`, post(event))).json()).toMatchObject({ accepted: 1 });
      expect(await isStored(event.event_id)).toBe(true);
    } else {
      const event = sampleEvent({ run: "bundled" });
      const [message] = toMessages([event], { packBytes: 1e6, messageBytes: 1e6 }) as [string];
      const claims = Buffer.from(JSON.stringify({ email: EMAIL, email_verified: true })).toString("base64url");
      const push = { message: { data: Buffer.from(message).toString("base64") } };
      const answer = await fetch(url, post(push, { authorization: `Bearer e30.${claims}.removed` }));
      expect(answer.status).toBe(204);
      expect(await isStored(event.id)).toBe(true);
    }
  });

  test("the server and the gateway before it; SIGTERM ends both in order", async () => {
    const gatewayKeys = { 1: "old", 2: "new" };
    const rpc = await startServer(await alone("docker-postgres"), {
      INTEGRAVIZ_SECRETS: JSON.stringify({ ...JSON.parse(env.INTEGRAVIZ_SECRETS as string), gatewayKeys }),
    });
    const url = `http://127.0.0.1:${rpc.port}`;
    const gateway = await startServer(await alone("gateway"), {
      INTEGRAVIZ_DOOR: JSON.stringify({ auth: "shared-key", url }),
      INTEGRAVIZ_SECRETS: JSON.stringify({ gatewayKeys: { current: "new" } }),
      INTEGRAVIZ_CORS: JSON.stringify(["https://board.example"]),
    });
    const event = freshEvent();
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/events`, post(event));
    expect(await answer.json()).toMatchObject({ accepted: 1 });
    expect(await isStored(event.event_id)).toBe(true);
    // Past the gateway, only with a key; the platform's own probe without.
    expect((await fetch(`${url}/v1/events`, post(event))).status).toBe(403);
    expect((await fetch(`${url}/v1/events`, post(event, { "x-integraviz-key": "old" }))).status).toBe(200);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const described = await fetch(`http://127.0.0.1:${gateway.port}/openapi.json`);
    expect(await described.json()).toEqual(JSON.parse(JSON.stringify(openApi(routes))));
    for (const running of [gateway, rpc]) {
      running.child.kill("SIGTERM");
      expect(await running.exit).toBe(0);
    }
  });

  test.each([
    ["docker-postgres", { INTEGRAVIZ_STORE: "" }, "INTEGRAVIZ_STORE is missing."],
    ["docker-postgres", { INTEGRAVIZ_LIMITS: "{" }, "INTEGRAVIZ_LIMITS is not JSON."],
    [
      "docker-postgres",
      { INTEGRAVIZ_STORE: '{"driver":"postgres"}' },
      "INTEGRAVIZ_STORE, at host, should be a string.",
    ],
    ["docker-postgres", { PORT: "eighty" }, "PORT is not a port."],
    ["docker-postgres", { INTEGRAVIZ_SECRETS: '{"store":{"password":"hunter2"},"tokenKeys":[]}' }, "has no tokenKeys."],
    ["gateway", { INTEGRAVIZ_DOOR: '{"auth":"lambda"}' }, "INTEGRAVIZ_DOOR, at auth, is not what this bundle takes."],
    ["migrate-node-postgres", { INTEGRAVIZ_SECRETS: "hunter2" }, "INTEGRAVIZ_SECRETS is not JSON."],
  ])("%s with %j ends with 1 and says so", async (name, wrong, message) => {
    const running = runBundle([await alone(name)], { ...env, PORT: "0", ...(wrong as Record<string, string>) });
    expect(await running.exit).toBe(1);
    expect(running.output()).toContain(message);
    expect(running.output()).not.toMatch(/hunter2|\n\s+at /);
  });
});
