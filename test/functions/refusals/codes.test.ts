import { gzipSync } from "node:zlib";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { REFUSALS, type RefusalCode } from "../../../contract/refusals.ts";
import type { SigningKey } from "../../../contract/tokens.ts";
import { pubsubPushApp } from "../../../functions/adapters/gcp/pubsub-push.ts";
import { createMiddleware } from "../../../functions/adapters/middleware.ts";
import { LIMITS } from "../../../functions/event/event.ts";
import { createGateway } from "../../../functions/gateway/gateway.ts";
import { createHandler, type HandlerOptions } from "../../../functions/http/handler.ts";
import { createVerifier, type Grant, signToken } from "../../../functions/http/tokens.ts";
import { Refusal } from "../../../functions/refusals/refusal.ts";
import { appendTogether } from "../../../functions/stores/bigquery/append.ts";
import type { BigqueryLogin, Client } from "../../../functions/stores/bigquery/client.ts";
import { retrying } from "../../../functions/stores/bigquery/retrying.ts";
import { runSql } from "../../../functions/stores/bigquery/sql-panel.ts";
import { Coalescer } from "../../../functions/stores/coalescer.ts";
import { retrying as retryingPostgres } from "../../../functions/stores/postgres/connection.ts";
import { openPanelLogins } from "../../../functions/stores/postgres/panel-logins.ts";
import { toMessages } from "../../../functions/stores/queue/message.ts";
import { openSqs } from "../../../functions/stores/queue/sqs.ts";
import { retryWhile } from "../../../functions/stores/retry.ts";
import type { Store } from "../../../functions/stores/store.ts";
import { untilSettled } from "../../../functions/stores/until-settled.ts";
import { eventId } from "../../../trainer/client/event-id.ts";
import { sampleEvent } from "../event/sample-event.ts";
import { openMemoryStore } from "../stores/memory/memory-store.ts";

/**
 * Each code of docs/errors.md, provoked: by a request that is refused, or by what refuses behind
 * it.
 */
const provocations: Record<RefusalCode, () => unknown> = {
  "not-json": () => post("{"),
  "not-utf8": () => post(new Uint8Array([0x22, 0xff, 0x22])),
  "not-gzip": () => post("[]", { "content-encoding": "gzip" }),
  "unknown-encoding": () => post("[]", { "content-encoding": "br" }),
  "invalid-request": () => ask("/v1/runs?limit=0", "read"),
  "no-event": () => post("[]"),
  "not-an-event": () => post("5"),
  "unknown-field": () => post({ ...EVENT, loss: 1 }),
  "invalid-project": () => post({ ...EVENT, project: "a b" }),
  "invalid-name": () => post({ ...EVENT, run_id: "" }),
  "invalid-integer": () => post({ ...EVENT, epoch: 1.5 }),
  "invalid-time": () => post({ ...EVENT, created_at: "2026-02-31" }),
  "invalid-logs": () => post({ ...EVENT, logs: [] }),
  "invalid-metrics": () => post({ run_id: "r", kind: "metrics", split: "holdout", values: {} }),
  "reserved-kind": () => post({ ...EVENT, kind: "stop_requested" }),
  "body-too-large": () => post("x".repeat(LIMITS.bodyBytes + 1)),
  "too-many-events": () => post(Array(LIMITS.events + 1).fill(EVENT)),
  "too-many-values": () => post(gzipSync(`[${"0,".repeat(LIMITS.values)}0]`), { "content-encoding": "gzip" }),
  "logs-too-large": () => post({ ...EVENT, logs: { text: "x".repeat(LIMITS.logsBytes) } }),
  "event-too-large": () => toMessages([sampleEvent()], { packBytes: 10, messageBytes: 10 }),
  "too-many-points": () =>
    ask(
      `/v1/series?metric=loss&points=10000&${Array.from({ length: 200 }, (_, n) => `run=${n}`).join("&")}&metric=b`,
      "read",
    ),
  "unknown-run": () => ask("/v1/runs/nobody", "read"),
  "run-ended": async () => {
    await post([EVENT, { ...EVENT, kind: "on_train_end", logs: { status: "finished" } }]);
    return ask("/v1/runs/r/stop", "control", { reason: "enough" });
  },
  "unknown-path": () => ask("/nothing", "read"),
  "wrong-method": () => ask("/v1/events", "read"),
  "wrong-host": () => ask("/healthz", "read", undefined, { hostnames: new Set(["other.example"]) }),
  "missing-token": () => served().request("/v1/runs"),
  "invalid-token": () => served().request("/v1/runs", { headers: { authorization: "Bearer nonsense" } }),
  "expired-token": async () => withToken(await signToken(KEY, GRANT, { expiresAt: new Date(1_000) })),
  "revoked-token": async () => withToken(await signToken(KEY, { ...GRANT, jti: "revoked" })),
  "missing-scope": () => ask("/v1/runs", "ingest"),
  "other-project": () => ask("/v1/runs?project=other", "read", undefined, {}, ["mine"]),
  "token-in-url": async () =>
    served().request(`/?token=${await signToken(KEY, { ...GRANT, scopes: ["ingest", "read"] })}`, {
      method: "POST",
      body: "{}",
    }),
  "missing-csrf-token": async () =>
    served().request("/v1/session", {
      method: "DELETE",
      headers: { cookie: `integraviz_session=${await tokenOf("read")}` },
    }),
  "sql-needs-all-projects": () => ask("/v1/sql", "read", { sql: "SELECT 1" }, {}, ["mine"]),
  "gateway-only": () =>
    ask("/v1/runs", "read", undefined, { middleware: createMiddleware({ gatewayKeys: ["k"], bodyBytes: 1 }) }),
  "foreign-push": () => push({ email: "someone@example.com" }, {}),
  "store-unavailable": () =>
    retryWhile(
      () => true,
      () => Promise.reject(new Error("away")),
      { deadlineMs: 0 },
    ),
  "store-busy": async () => {
    const waiting = coalescer();
    void waiting.submit(5);
    await waiting.submit(1);
  },
  "store-full": () =>
    retryingPostgres(() => Promise.reject(Object.assign(new Error("no room"), { code: "53100" })), { deadlineMs: 1 }),
  "store-not-ready": () => appendTogether(bigqueryContext(404, "notFound"), [[sampleEvent({ id: eventId() })]]),
  "store-quota": () => retrying(vendor(403, "quotaExceeded"), { deadlineMs: 0 }),
  "log-not-settled": async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const aMinuteLater = async () => {
      vi.setSystemTime(Date.now() + 61_000);
      return "0";
    };
    await untilSettled(1n, aMinuteLater).finally(() => vi.useRealTimers());
  },
  "server-ending": async () => {
    const waiting = coalescer();
    await waiting.close();
    await waiting.submit(1);
  },
  "queue-unavailable": () => openSqs({ url: "http://127.0.0.1:1", region: "us-east-1", env: {} }).send(["{}"]),
  "rpc-unavailable": () =>
    createGateway({
      invoker: { renames: [], target: (path) => new URL(`http://127.0.0.1:1${path}`), headers: async () => ({}) },
      origins: [],
    }).request("/v1/runs"),
  "message-not-stored": () => push({ email: PUSHER }, { message: { data: "" } }, false),
  "not-a-push": () => push({ email: PUSHER }, {}),
  "invalid-sql": () => runSql(vendor(400, "invalidQuery") as Client, {} as BigqueryLogin, "SELEC"),
  "sql-not-a-query": () => runSql((async () => ({})) as unknown as Client, {} as BigqueryLogin, "DELETE FROM runs"),
  "sql-timeout": () => runSql(vendor(400, "stopped") as Client, {} as BigqueryLogin, "SELECT 1"),
  "sql-too-large": () => runSql(vendor(400, "bytesBilledLimitExceeded") as Client, {} as BigqueryLogin, "SELECT 1"),
  "sql-unavailable": () => {
    const writer = { query: () => Promise.reject(Object.assign(new Error("no"), { code: "42501" })) };
    const logins = openPanelLogins(writer as never, "postgres://reader:secret@127.0.0.1:1/db", {} as never);
    return logins.use(["mine"], async () => {});
  },
  "internal-error": () => {
    const store: Store = Object.create(memory, { runs: { value: () => Promise.reject(new Error("a fault")) } });
    return ask("/v1/runs", "read", undefined, { store });
  },
};

const EVENT = { run_id: "r", kind: "on_train_begin" };
const PUSHER = "push@example.com";
const KEY: SigningKey = { kty: "oct", alg: "HS256", kid: "k", k: Buffer.from("k".repeat(32)).toString("base64url") };
const GRANT: Grant = { actor: "ada", projects: "*", scopes: ["read"], jti: "1" };
const memory = openMemoryStore();

function served(options: Partial<HandlerOptions> = {}): Hono {
  const verify = createVerifier({ keys: [KEY], denied: async () => new Set(["revoked"]) });
  return createHandler({ store: memory, verify, report: () => {}, ...options });
}

const tokenOf = (scope: Grant["scopes"][number], projects: Grant["projects"] = "*") =>
  signToken(KEY, { ...GRANT, projects, scopes: [scope] });

const withToken = (token: string, body?: unknown, path = "/v1/runs", options: Partial<HandlerOptions> = {}) =>
  served(options).request(path, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });

async function ask(
  path: string,
  scope: Grant["scopes"][number],
  body?: unknown,
  options: Partial<HandlerOptions> = {},
  projects: Grant["projects"] = "*",
) {
  return withToken(await tokenOf(scope, projects), body, path, options);
}

async function post(body: unknown, headers: Record<string, string> = {}) {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return served().request("/v1/events", {
    method: "POST",
    headers: { authorization: `Bearer ${await tokenOf("ingest")}`, ...headers },
    body: isRaw ? (body as BodyInit) : JSON.stringify(body),
  });
}

function push(claims: object, body: object, isStored = true) {
  const payload = Buffer.from(JSON.stringify({ ...claims, email_verified: true })).toString("base64url");
  const app = pubsubPushApp(async () => async (messages) => messages.map(() => isStored), { email: PUSHER });
  const headers = { authorization: `Bearer e30.${payload}.` };
  return app.request("/", { method: "POST", headers, body: JSON.stringify(body) });
}

/** A call of a vendor's that fails, as BigQuery's client tells it. */
const vendor = (code: number, reason: string) => () =>
  Promise.reject(Object.assign(new Error(reason), { code, errors: [{ reason, message: reason }] }));

const bigqueryContext = (code: number, reason: string) =>
  ({
    client: vendor(code, reason),
    login: { dataset: "d" },
    clock: () => 1,
    control: {},
  }) as unknown as Parameters<typeof appendTogether>[0];

/** One that never comes to an end, and holds one job that waits. */
const coalescer = () =>
  new Coalescer<number, void>({
    underWay: () => 0,
    enough: 1,
    weight: 10,
    room: 5,
    deadlineMs: 60_000,
    weigh: (job) => job,
    alone: () => true,
    run: () => new Promise(() => {}),
  });

/**
 * What came of a provocation: the code of its error document, or of the refusal that was thrown.
 */
async function codeOf(provoke: () => unknown): Promise<unknown> {
  try {
    const answer = (await provoke()) as Response;
    const document = (await answer.json()) as { code?: unknown; type?: unknown; status?: unknown };
    expect(document).toMatchObject({ type: `/docs/errors.md#${document.code}`, status: answer.status });
    return document.code;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe("every code that docs/errors.md names is met", () => {
  beforeAll(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterAll(() => void vi.restoreAllMocks());

  test.each(Object.keys(REFUSALS) as RefusalCode[])("%s", async (code) => {
    expect(await codeOf(provocations[code])).toBe(code);
  });
});
