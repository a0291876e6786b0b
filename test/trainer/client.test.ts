import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Client, type ClientOptions, connect, type Stop } from "../../trainer/client.ts";
import { type StandIn, standIn, until } from "./stand-in-api.ts";

let api: StandIn;
let client: Client;
let warnings: string[];

beforeEach(async () => {
  api = await standIn();
  warnings = [];
});

afterEach(async () => {
  client.close();
  await api.close();
});

function connected(options: Partial<ClientOptions> = {}): Client {
  client = connect({
    url: api.url,
    token: "secret",
    flushMs: 10,
    retryMs: 10,
    maxRetryMs: 50,
    drainOnExit: false,
    provenance: false,
    onWarn: (message) => warnings.push(message),
    ...options,
  });
  return client;
}

const kinds = () => api.events.map(({ kind }) => kind);

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

test("nothing is lost or doubled while the server is away and when it comes back", async () => {
  const run = connected({ batchEvents: 50 }).run();
  run.begin();
  await until(() => api.events.length === 2, "the run has begun");
  // The last answers before the end get lost on their way: those events are sent twice.
  api.decide = () => {
    api.decide = () => null;
    return { status: 502 };
  };
  for (let step = 0; step < 300; step++) run.batchEnd({ step }, { loss: step });
  await until(() => api.posts.length >= 3, "events on their way");
  await api.goDown();
  for (let step = 300; step < 1000; step++) run.batchEnd({ step }, { loss: step });
  await until(() => warnings.some((line) => line.includes("does not take events")), "it is told");
  await api.comeBack();
  const summary = await run.end();

  expect(summary).toEqual({ delivered: 1003, dropped: 0, refused: 0, undelivered: 0 });
  expect(api.events.length).toBe(1003);
  const steps = api.events.filter(({ kind }) => kind === "on_train_batch_end").map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 1000 }, (_, step) => step));
  expect(warnings.at(-1)).toMatch(/takes events again after \d/);
});

test("an event that arrived without its answer is sent again under the same id", async () => {
  const run = connected().run();
  run.begin();
  await until(() => api.events.length === 2, "the run has begun");
  let lost = 0;
  api.decide = (events) => {
    if (!events.some(({ kind }) => kind === "on_epoch_end") || lost++ > 0) return null;
    void api.goDown().then(() => api.comeBack());
    return { status: 200, body: "cut off before it is read" };
  };
  run.epochEnd({ epoch: 0 }, { loss: 1 });
  await run.end();
  const ids = api.posts.flatMap(({ events }) => events.filter(({ kind }) => kind === "on_epoch_end"));
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids.map(({ event_id }) => event_id)).size).toBe(1);
  expect(kinds().filter((kind) => kind === "on_epoch_end")).toEqual(["on_epoch_end"]);
});

test("a full queue drops the oldest points of batches, then of epochs, and says how many", async () => {
  await api.goDown();
  const run = connected({ capacity: 20, batchEvents: 1 }).run({ id: "r", params: { lr: 1 } });
  run.begin();
  await until(() => warnings.length > 0, "one event stuck on its way");
  for (let epoch = 0; epoch < 5; epoch++) {
    for (let batch = 0; batch < 100; batch++) run.batchEnd({ epoch, batch, step: epoch * 100 + batch }, { loss: 1 });
    run.epochEnd({ epoch }, { loss: 1 });
  }
  await api.comeBack();
  const summary = await run.end();

  const steps = api.events.filter(({ kind }) => kind === "on_train_batch_end").map(({ step }) => step);
  // Room for 20: params and five epochs stay, the heartbeat went with the oldest points.
  expect(steps).toEqual(Array.from({ length: 14 }, (_, i) => 486 + i));
  expect(kinds().filter((kind) => kind === "on_epoch_end").length).toBe(5);
  expect(kinds()).toContain("params");
  expect(kinds().at(-1)).toBe("on_train_end");
  const told = api.events.filter(({ kind }) => kind === "system").map(({ logs }) => logs);
  const dropped = told.reduce((sum, logs) => sum + (logs!.dropped as number), 0);
  expect(dropped).toBe(summary.dropped);
  expect(summary.dropped).toBe(500 - 14 + 1);
  expect(summary.undelivered).toBe(0);
  expect(warnings.filter((line) => line.includes("dropped")).length).toBe(1);
});

test("the begin and end of runs, params, tags and system are never dropped", async () => {
  await api.goDown();
  const run = connected({ capacity: 5 }).run();
  run.begin();
  for (let i = 0; i < 50; i++) {
    run.params({ i });
    run.tags({ i });
    run.system({ i });
    run.epochEnd({ epoch: i }, { loss: i });
  }
  await api.comeBack();
  await run.end();
  for (const kind of ["params", "tags", "system"]) {
    const kept = api.events.filter((event) => event.kind === kind && event.logs?.dropped === undefined);
    expect(kept.map(({ logs }) => logs!.i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  }
  expect(kinds().at(0)).toBe("on_train_begin");
  expect(kinds().at(-1)).toBe("on_train_end");
});

test("large events are bounded by bytes", async () => {
  await api.goDown();
  const run = connected({ capacityBytes: 100_000 }).run();
  for (let i = 0; i < 50; i++) run.batchEnd({ step: i }, { text: "x".repeat(10_000) });
  await api.comeBack();
  const { dropped, delivered } = await run.end();
  expect(dropped).toBeGreaterThan(35);
  expect(delivered).toBe(52 - dropped);
});

test("one event that is refused does not take its neighbours with it", async () => {
  const run = connected().run();
  api.decide = (events) => {
    const at = events.findIndex(({ logs }) => logs?.poison === true);
    return at < 0
      ? null
      : { status: 400, body: { title: `events[${at}].logs.poison is refused.`, fix: "Leave it out." } };
  };
  for (let step = 0; step < 100; step++)
    run.batchEnd({ step }, step === 37 || step === 80 ? { poison: true } : { loss: step });
  const summary = await run.end();
  expect(summary).toEqual({ delivered: 99, dropped: 0, refused: 2, undelivered: 0 });
  const steps = api.events.slice(0, -1).map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 100 }, (_, step) => step).filter((step) => step !== 37 && step !== 80));
  expect(warnings).toEqual([expect.stringMatching(/on_train_batch_end.*poison is refused\. Leave it out\./)]);
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

test("nothing of a run throws, whatever is done to it", async () => {
  const run = connected({
    onWarn: (message) => {
      warnings.push(message);
      throw new Error("not ours");
    },
  }).run({
    onStop: () => {
      throw new Error("not ours");
    },
  });
  run.event("stop_requested", {}, { reason: "forged" });
  run.begin();
  api.stop(run.id, "x");
  await until(() => run.stopRequested !== null, "the stop is known");
  await run.end();
  run.batchEnd({}, { loss: 1 });
  await run.end();
  client.close();
  run.batchEnd({}, { loss: 1 });
  expect(await run.end()).toMatchObject({ undelivered: 0 });
  expect(kinds()).not.toContain("stop_requested");
  expect(kinds().filter((kind) => kind === "on_train_end").length).toBe(1);
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
