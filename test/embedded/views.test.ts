/** What `npm start` serves to its page beside the API: dashboards, and views that people keep. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/stack.ts";
import { issueToken } from "../../embedded/tokens.ts";
import { seedRuns } from "../dashboards/superset/seed.ts";

let scratch: string;
let stack: Stack;
let narrow: string;
let reader: string;
const data = () => join(scratch, "data");

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "integraviz-views-"));
  stack = await startStack({ data: data(), port: 0 });
  await seedRuns(stack.endpoint);
  const grant = { actor: "bob", projects: ["demo"] } as const;
  narrow = (await issueToken(data(), { ...grant, scopes: ["read", "control"] })).token;
  reader = (await issueToken(data(), { ...grant, scopes: ["read"] })).token;
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  await rm(scratch, { recursive: true, force: true });
});

async function ask(method: string, path: string, token: string | null, body?: unknown) {
  const response = await fetch(`${stack.endpoint.url}${path}`, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
}
const keep = (token: string | null, body: object, project = "demo") =>
  ask("POST", `/views?project=${project}`, token, { run: "run-a", name: "v", view: "x=step", ...body });
const list = (token: string, project = "demo") => ask("GET", `/views?project=${project}`, token);

test("dashboards are for who may read", async () => {
  expect(await ask("GET", "/dashboards", null)).toMatchObject({ status: 401, code: "missing-token" });
  expect(await ask("GET", "/dashboards", stack.endpoint.token)).toMatchObject({ status: 403, code: "missing-scope" });
  expect(await ask("GET", "/dashboards", reader)).toMatchObject({
    dashboards: [{ key: "training" }, { key: "governance" }],
  });
});

test("a view is an event, and of one name the last counts", async () => {
  const { readToken } = stack.endpoint;
  expect(await keep(readToken, { name: " first's ", view: "x=time" })).toMatchObject({ status: 202, accepted: 1 });
  expect(await keep(narrow, { name: "second" })).toMatchObject({ status: 202, accepted: 1 });
  expect(await keep(narrow, { name: "first's", view: "x=clock" })).toMatchObject({ status: 202 });
  const first = { name: "first's", view: "x=clock", actor: "bob", at: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect(await list(reader)).toEqual({ status: 200, views: [first, { ...first, name: "second", view: "x=step" }] });
  expect(await list(readToken)).toMatchObject({ views: [first, { name: "second" }] });
  expect(await keep(narrow, { name: "second", view: null })).toMatchObject({ status: 202 });
  expect(await list(reader)).toMatchObject({ views: [first] });
  const { audit } = (await ask("GET", "/v1/runs/run-a?project=demo", reader)) as { audit?: unknown[] };
  expect(audit).toHaveLength(4);
  expect(audit).toContainEqual(expect.objectContaining({ kind: "view_saved", actor: "bob" }));
});

test("a view is of its project, and kept by who may control it", async () => {
  expect(await keep(stack.endpoint.readToken, { run: "run-c", name: "other" }, "secret")).toMatchObject({
    status: 202,
  });
  expect(JSON.stringify(await list(narrow))).not.toContain("other");
  expect(await list(narrow, "secret")).toMatchObject({ status: 403, code: "other-project" });
  expect(await keep(narrow, { run: "run-c" }, "secret")).toMatchObject({ status: 403, code: "other-project" });
  expect(await keep(reader, {})).toMatchObject({ status: 403, code: "missing-scope" });
  expect(await keep(null, {})).toMatchObject({ status: 401, code: "missing-token" });
  const posing = { project: "demo", run_id: "run-a", kind: "view_saved", logs: { name: "forged", view: "" } };
  expect(await ask("POST", "/v1/events", stack.endpoint.token, posing)).toMatchObject({ code: "reserved-kind" });
});

test.each([
  [{ run: "nothing" }, { status: 404, code: "unknown-run", field: "run" }],
  [{ name: " " }, { status: 400, code: "invalid-request", field: "name" }],
  [{ name: "n".repeat(101) }, { status: 400, code: "invalid-request", field: "name" }],
  [{ view: 7 }, { status: 400, code: "invalid-request", field: "view" }],
  [{ view: "v".repeat(20_001) }, { status: 400, code: "invalid-request", field: "view" }],
  [{ view: "run=漢" }, { status: 400, code: "invalid-request", field: "view" }],
  [{ view: "javascript:alert(1)" }, { status: 400, code: "invalid-request", field: "view" }],
  [{ name: "a\u0000b" }, { status: 400 }],
  [{ more: 1 }, { status: 400, code: "invalid-request", field: "more" }],
])("%o is refused", async (body, refusal) => {
  expect(await keep(narrow, body)).toMatchObject(refusal);
});

test("as many long views as are listed come whole", async () => {
  const view = `run=${"%E6%BC%A2".repeat(2_221)}`;
  for (let nth = 0; nth < 500; nth++)
    expect(await keep(narrow, { name: `long ${nth}`, view })).toMatchObject({ status: 202 });
  const { views } = (await list(reader)) as unknown as { views: { name: string; view: string }[] };
  expect(views).toHaveLength(500);
  expect(views.every((one) => one.view === view)).toBe(true);
  expect(views.at(-1)).toMatchObject({ name: "long 0" });
}, 60_000);
