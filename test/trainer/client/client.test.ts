import { expect, test, vi } from "vitest";
import { connect, type Stop } from "../../../trainer/client/index.ts";
import { until } from "../../stand-ins/api.ts";
import { api, client, connected, kinds, warnings } from "./connected.ts";

test("a run goes out whole and in order, with its params and tags", async () => {
  const run = connected({ project: "digits" }).run({
    id: "r1",
    name: "first",
    params: { lr: 0.001 },
    tags: { data: "MNIST" },
    writer: "rank-0",
  });
  run.begin();
  run.epochBegin({ epoch: 0 });
  run.batchEnd({ epoch: 0, step: 0, batch: 0 }, { loss: 2.3 });
  run.testBatchEnd({ epoch: 0, batch: 0 }, { loss: 2.2 });
  run.epochEnd({ epoch: 0, step: 0 }, { loss: 2.3, val_loss: 2.2 });
  run.tags({ data: null });
  const summary = await run.end({ status: "finished", logs: { best: 2.2 } });

  expect(summary).toEqual({ delivered: 10, dropped: 0, refused: 0, undelivered: 0 });
  expect(kinds()).toEqual([
    "on_train_begin",
    "params",
    "tags",
    "heartbeat",
    "on_epoch_begin",
    "on_train_batch_end",
    "on_test_batch_end",
    "on_epoch_end",
    "tags",
    "on_train_end",
  ]);
  expect(api.events[1]!.logs).toEqual({ lr: 0.001 });
  expect(api.events[2]!.logs).toEqual({ name: "first", data: "MNIST" });
  expect(api.events[3]!.logs).toEqual({ interval_s: 10 });
  expect(api.events[5]).toMatchObject({
    project: "digits",
    run_id: "r1",
    writer: "rank-0",
    epoch: 0,
    step: 0,
    batch: 0,
  });
  expect(api.events[6]).not.toHaveProperty("step");
  expect(api.events[8]!.logs).toEqual({ data: null });
  expect(api.events[9]!.logs).toEqual({ best: 2.2, status: "finished" });
  for (const { event_id, created_at } of api.events) {
    expect(event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const seqs = api.events.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(api.posts.every(({ sentAt }) => sentAt.endsWith("Z"))).toBe(true);
  expect(warnings).toEqual([]);
});

test("numbers that JSON has none for arrive as what they are", async () => {
  const run = connected().run();
  const values = { a: Number.NaN, b: Infinity, c: -Infinity, d: -0, e: 2n ** 63n - 1n, f: 7n, g: [NaN], h: undefined };
  run.batchEnd({ step: 2n ** 60n }, { ...values, typed: new Float32Array([0.5, NaN]), text: "NaN", zero: 0 });
  await run.end();
  expect(api.events[0]!.step).toEqual({ $num: "1152921504606846976" });
  expect(api.events[0]!.logs).toEqual({
    a: { $num: "NaN" },
    b: { $num: "Infinity" },
    c: { $num: "-Infinity" },
    d: { $num: "-0" },
    e: { $num: "9223372036854775807" },
    f: 7,
    g: [{ $num: "NaN" }],
    typed: [0.5, { $num: "NaN" }],
    text: "NaN",
    zero: 0,
  });
});

test("logs are as they were when they were logged, and what can't be written is left out and told", async () => {
  const run = connected().run();
  const logs: Record<string, unknown> = { loss: 1 };
  run.batchEnd({}, logs);
  logs.loss = 2;
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  run.batchEnd({}, { loss: Number.NaN, circle });
  run.batchEnd({}, { loss: 3, circle });
  await run.end();
  expect(api.events.slice(0, 3).map((event) => event.logs)).toEqual([
    { loss: 1 },
    { loss: { $num: "NaN" } },
    { loss: 3 },
  ]);
  expect(warnings).toEqual([expect.stringContaining("circle of on_train_batch_end")]);
});

test.each([408, 425, 429, 500, 503])("a %i is tried again", async (status) => {
  const run = connected().run();
  let times = 0;
  api.decide = () => (times++ < 2 ? { status } : null);
  run.begin();
  expect(await run.end()).toMatchObject({ refused: 0, undelivered: 0 });
  expect(times).toBe(3);
});

test("Retry-After is waited for, also at the end of a run", async () => {
  const run = connected().run();
  let times = 0;
  api.decide = () => (times++ === 0 ? { status: 429, headers: { "retry-after": "1" } } : null);
  run.begin();
  await run.end();
  expect(times).toBe(2);
  expect(api.posts[1]!.at - api.posts[0]!.at).toBeGreaterThanOrEqual(990);
});

test("with a token that is not known nothing is lost, it is told once, and the end does not wait in vain", async () => {
  const run = connected({ token: "wrong", maxRetryMs: 60_000, retryMs: 20_000 }).run();
  run.begin();
  await until(() => warnings.length > 0, "the trouble is told");
  const before = Date.now();
  const summary = await run.end({ deadlineMs: 20_000 });
  expect(Date.now() - before).toBeLessThan(5_000);
  expect(summary).toEqual({ delivered: 0, dropped: 0, refused: 0, undelivered: 3 });
  expect(warnings[0]).toContain("401 The token is not known. Make a new one.");
  expect(warnings.length).toBe(2);
});

test("the end waits until the deadline and names what was not delivered", async () => {
  await api.goDown();
  const run = connected().run({ id: "r" });
  run.begin();
  run.epochEnd({ epoch: 0 }, { loss: 1 });
  expect(await run.end({ deadlineMs: 100 })).toEqual({ delivered: 0, dropped: 0, refused: 0, undelivered: 4 });
  expect(warnings.at(-1)).toContain("4 events of run r were not delivered");
  const lines = client.undelivered().trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual([
    "on_train_begin",
    "heartbeat",
    "on_epoch_end",
    "on_train_end",
  ]);
});

test("an address where something else answers is not taken for a delivery", async () => {
  const run = connected().run();
  api.decide = () => ({ status: 200, body: "welcome" });
  run.begin();
  expect(await run.end({ deadlineMs: 100 })).toMatchObject({ delivered: 0, undelivered: 3 });
  expect(warnings[0]).toContain("not Integraviz");
});

test("a server that takes the request and never answers is given up and tried again", async () => {
  const run = connected({ timeoutMs: 100 }).run();
  const posted = vi.spyOn(globalThis, "fetch");
  posted.mockImplementationOnce(
    (_url, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener("abort", () => reject(new Error("aborted")));
      }),
  );
  run.begin();
  expect(await run.end()).toMatchObject({ undelivered: 0, delivered: 3 });
  expect(warnings[0]).toContain("no answer within 0.1 s");
  posted.mockRestore();
});

test("a request to stop comes with the answer to events", async () => {
  const stops: Stop[] = [];
  const run = connected({ pollMs: 1e9 }).run({ id: "r", onStop: (stop) => stops.push(stop) });
  run.begin();
  await until(() => api.events.length > 0, "the run has begun");
  expect(run.stopRequested).toBeNull();
  api.stop("r", "loss is flat");
  run.batchEnd({ step: 0 }, { loss: 1 });
  await until(() => run.stopRequested !== null, "the stop is known");
  run.batchEnd({ step: 1 }, { loss: 1 });
  await run.end({ status: "stopped" });
  expect(run.stopRequested).toMatchObject({ actor: "ana", reason: "loss is flat" });
  expect(stops).toEqual([run.stopRequested]);
  expect(api.polls).toEqual([]);
});

test("a request to stop reaches a run that sends nothing", async () => {
  const run = connected({ pollMs: 20, project: "p q" }).run({ id: "r/1" });
  run.begin();
  await until(() => api.polls.length > 1, "it asks");
  expect(api.polls[0]).toBe("/v1/runs/r%2F1/control?project=p%20q");
  api.stop("r/1", "enough");
  await until(() => run.stopRequested !== null, "the stop is known");
  expect(run.stopRequested!.reason).toBe("enough");
});

test("an idle run sends heartbeats, and none is piled up while the server is away", async () => {
  const run = connected({ heartbeatMs: 30 }).run();
  run.begin();
  const beats = () => api.events.filter(({ kind }) => kind === "heartbeat").length;
  await until(() => beats() >= 3, "heartbeats");
  expect(api.events.find(({ kind }) => kind === "heartbeat")!.logs).toEqual({ interval_s: 0.03 });
  await api.goDown();
  await until(() => warnings.length > 0, "the client has noticed");
  const before = beats();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await api.comeBack();
  await run.end();
  expect(beats() - before).toBeLessThanOrEqual(3);
});

test("a large request is gzipped", async () => {
  const run = connected().run();
  for (let step = 0; step < 500; step++) run.batchEnd({ step }, { loss: step });
  await run.end();
  expect(api.posts[0]!.headers["content-encoding"]).toBe("gzip");
  expect(api.events.length).toBe(501);
});

test("a second run in the same client goes out after the first has ended", async () => {
  connected();
  for (const id of ["a", "b"]) {
    const run = client.run({ id });
    run.begin();
    expect(await run.end()).toMatchObject({ delivered: 3 });
  }
});

test("an address that is none and a missing token are told at once", () => {
  connected();
  expect(() => connect({ url: "localhost:80", token: "x" })).toThrow(/"localhost:80" is no address: give one such as/);
  expect(() => connect({ url: "http://localhost", token: "" })).toThrow(/token is missing/);
});

test("events of a run that was purged are counted as refused, with one warning", async () => {
  api.decide = (events) => ({
    status: 200,
    body: { accepted: 0, duplicates: 0, conflicts: [], purged: events.map(({ event_id }) => event_id), control: {} },
  });
  const run = connected().run({ id: "erased" });
  run.begin();
  run.epochEnd({ epoch: 0 }, { loss: 1 });
  expect(await run.end()).toEqual({ delivered: 0, dropped: 0, refused: 4, undelivered: 0 });
  expect(warnings).toEqual(["run erased was purged: none of its events is stored any more."]);
});
