import { expect, test, vi } from "vitest";
import { until } from "../../stand-ins/api.ts";
import { api, client, connected, kinds, warnings } from "./connected.ts";

test("nothing of a run throws, whatever is done to it", async () => {
  const run = connected({
    onWarn: (message) => {
      warnings.push(message);
      throw new Error("not ours");
    },
  }).run();
  run.event("stop_requested", {}, { reason: "forged" });
  run.begin();
  run.batchEnd(null as never, { loss: 1 });
  run.event(Symbol("kind") as never);
  await run.end();
  run.batchEnd({}, { loss: 1 });
  await run.end();
  client.close();
  run.batchEnd({}, { loss: 1 });
  expect(await run.end()).toMatchObject({ undelivered: 0 });
  expect(kinds()).not.toContain("stop_requested");
  expect(kinds().filter((kind) => kind === "on_train_end").length).toBe(1);
  expect(warnings).toContainEqual(expect.stringMatching(/\(on_train_batch_end\) can't be written and is not sent: /));
});

test.each<[string, () => void | Promise<void>]>([
  [
    "throws",
    () => {
      throw new Error("not ours");
    },
  ],
  ["rejects", async () => Promise.reject(new Error("not ours"))],
])("an onStop that %s is told, and the run goes on", async (_what, onStop) => {
  const run = connected().run({ id: "r", onStop });
  run.begin();
  api.stop("r", "x");
  await until(() => run.stopRequested !== null, "the stop is known");
  expect(await run.end()).toMatchObject({ delivered: 3, undelivered: 0 });
  expect(warnings).toEqual(["onStop of run r failed: not ours"]);
});

test.each<[string, object]>([
  ["null for the run", { control: { r: null } }],
  ["no object for the run", { control: { r: "stop" } }],
  ["null", { control: null }],
  ["a list", { control: [null] }],
  ["nothing", {}],
  ["a stop without an id", { control: { r: { stop: { reason: "x" } } } }],
])("a run goes on when the answer's control is %s", async (_what, answer) => {
  const run = connected().run({ id: "r" });
  api.decide = () => ({ status: 200, body: { accepted: 1, duplicates: 0, conflicts: [], ...answer } });
  run.begin();
  await until(() => api.posts.length > 0, "the begin is sent");
  run.epochEnd({ epoch: 0 }, { loss: 1 });
  expect(await run.end()).toEqual({ delivered: 4, dropped: 0, refused: 0, undelivered: 0 });
  expect(run.stopRequested).toBeNull();
  expect(warnings).toEqual([]);
});

test("a fault of the client itself is told, and events go on", async () => {
  // Half a surrogate pair: no path can hold it, so the run cannot be asked after.
  const run = connected({ pollMs: 10 }).run({ id: "\ud800" });
  run.begin();
  await until(() => warnings.length > 0, "it is told");
  run.epochEnd({ epoch: 0 }, { loss: 1 });
  expect(await run.end()).toMatchObject({ delivered: 4, undelivered: 0 });
  expect(warnings).toEqual(["the client has a fault, and goes on: URI malformed"]);
});

test("a loop of short steps is not held up by a server that never answers", async () => {
  const run = connected().run();
  const posted = vi.spyOn(globalThis, "fetch").mockImplementation(() => new Promise(() => {}));
  run.begin();
  await client.breathe();
  expect(posted).toHaveBeenCalled();
  const before = Date.now();
  for (let step = 0; step < 500; step++) await client.breathe();
  // 20 ms of each would make 10 s.
  expect(Date.now() - before).toBeLessThan(5_000);
  posted.mockRestore();
});

test("a breath after a long step waits for the answer that is on its way", async () => {
  const run = connected().run({ id: "r" });
  api.stop("r", "enough");
  run.begin();
  await client.breathe(10_000);
  expect(run.stopRequested).toMatchObject({ reason: "enough" });
});
