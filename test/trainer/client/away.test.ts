import { expect, test } from "vitest";
import { until } from "../../stand-ins/api.ts";
import { api, client, connected, kinds, warnings } from "./connected.ts";

test("nothing is lost or doubled while the server is away and when it comes back", async () => {
  const run = connected({ batchEvents: 50 }).run();
  run.begin();
  await until(() => api.events.length === 2, "the run has begun");
  // An answer gets lost on its way: those events are sent twice.
  api.decide = () => {
    api.decide = () => null;
    return "cut";
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
  expect(api.posts.reduce((sum, { events }) => sum + events.length, 0)).toBeGreaterThan(1003);
  const steps = api.events.filter(({ kind }) => kind === "on_train_batch_end").map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 1000 }, (_, step) => step));
  expect(warnings.at(-1)).toMatch(/takes events again after \d/);
});

test("an event that was stored without its answer is sent again as it was", async () => {
  const run = connected().run();
  let cuts = 0;
  api.decide = (events) => (events.some(({ kind }) => kind === "on_epoch_end") && cuts++ < 2 ? "cut" : null);
  run.epochEnd({ epoch: 0 }, { loss: 1 });
  await until(() => cuts > 0, "it is stored");
  expect(kinds()).toEqual(["on_epoch_end"]);
  expect(await run.end()).toEqual({ delivered: 2, dropped: 0, refused: 0, undelivered: 0 });
  const sent = api.posts.flatMap(({ events }) => events.filter(({ kind }) => kind === "on_epoch_end"));
  expect(sent.length).toBe(3);
  expect(sent).toEqual(Array(3).fill(api.events[0]));
  expect(kinds()).toEqual(["on_epoch_end", "on_train_end"]);
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

test("what a run is stays, whatever else is logged: its begin and end, params and tags, and how much was dropped", async () => {
  await api.goDown();
  const run = connected({ capacity: 40 }).run();
  run.begin();
  for (let i = 0; i < 500; i++) {
    if (i % 50 === 0) run.params({ i });
    if (i % 50 === 0) run.tags({ i });
    run.system({ i });
    run.event("checkpoint", {}, { i });
    run.epochEnd({ epoch: i }, { loss: i });
  }
  expect(client.undelivered().split("\n").length).toBeLessThan(2 * 40);
  await api.comeBack();
  const { dropped, undelivered } = await run.end();
  for (const kind of ["params", "tags"]) {
    const kept = api.events.filter((event) => event.kind === kind);
    expect(kept.map(({ logs }) => logs!.i)).toEqual(Array.from({ length: 10 }, (_, i) => 50 * i));
  }
  expect(kinds().at(0)).toBe("on_train_begin");
  expect(kinds().slice(-2)).toEqual(["system", "on_train_end"]);
  expect(api.events.at(-2)!.logs).toEqual({ dropped });
  expect(undelivered).toBe(0);
});

test("each time the server is away it is told anew that points are dropped, and why when it is not away", async () => {
  const run = connected({ capacity: 20, maxRetryMs: 10 }).run();
  const flood = () => {
    for (let step = 0; step < 50; step++) run.batchEnd({ step }, { loss: 1 });
  };
  const told = () => warnings.filter((line) => line.includes("dropped"));
  run.begin();
  for (const times of [1, 2]) {
    await api.goDown();
    run.epochEnd({}, {});
    await until(() => warnings.filter((line) => line.includes("does not take")).length === times, "it is away");
    flood();
    expect(told()).toEqual(Array(times).fill(expect.stringMatching(/more than 20 events.*dropped\.$/)));
    await api.comeBack();
    await until(() => client.undelivered() === "", "it is back, and the rest is sent");
  }
  flood();
  expect(told()[2]).toMatch(/its loop never awaits breathe/);
  await run.end();
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

test("a server that refuses everything is not asked at full speed", async () => {
  const run = connected({ retryMs: 60_000, maxRetryMs: 60_000 }).run();
  api.decide = () => ({ status: 400, body: { title: "project is no name." } });
  for (let step = 0; step < 64; step++) run.batchEnd({ step }, { loss: step });
  expect(await run.end({ deadlineMs: 300 })).toEqual({ delivered: 0, dropped: 0, refused: 2, undelivered: 63 });
  // 65 in halves to the first event, and the second.
  expect(api.posts.length).toBe(8);
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

test("what a refusal means follows from its code: a 403 over an event costs that event alone", async () => {
  const run = connected().run();
  api.decide = (events) => {
    const isReserved = events.some(({ logs }) => logs?.reserved === true);
    const body = { code: "reserved-kind", detail: "Only the server writes such events." };
    return isReserved ? { status: 403, body } : null;
  };
  for (let step = 0; step < 10; step++) run.batchEnd({ step }, step === 3 ? { reserved: true } : { loss: step });
  expect(await run.end()).toEqual({ delivered: 10, dropped: 0, refused: 1, undelivered: 0 });
});
