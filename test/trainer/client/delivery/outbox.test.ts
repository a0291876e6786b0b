import { expect, test } from "vitest";
import { createOutbox, toTier } from "../../../../trainer/client/delivery/outbox.ts";

const event = (order: number, kind: string, bytes = 10) => ({
  order,
  run: "r",
  kind,
  tier: toTier(kind),
  text: "",
  bytes,
});

test("batches of events come out in the order they went in, whatever their kind", () => {
  const outbox = createOutbox(100, 1e6);
  const kinds = ["params", "on_train_batch_end", "on_epoch_end", "heartbeat", "on_train_end"];
  for (let order = 0; order < 50; order++) outbox.add(event(order, kinds[order % 5]!));
  expect(outbox.waiting(9)).toBe(10);
  const orders = [...outbox.take(20, 1e6), ...outbox.take(100, 1e6)].map(({ order }) => order);
  expect(orders).toEqual(Array.from({ length: 50 }, (_, order) => order));
  expect(outbox.size).toBe(0);
});

test("a batch is bounded by bytes, but for an event that is larger by itself", () => {
  const outbox = createOutbox(100, 1e6);
  for (const [order, bytes] of [500, 40, 40, 40].entries()) outbox.add(event(order, "params", bytes));
  expect(outbox.take(10, 100).length).toBe(1);
  expect(outbox.take(10, 100).length).toBe(2);
  expect(outbox.take(10, 100).length).toBe(1);
});

test("a long queue keeps its order while it is filled and emptied", () => {
  const outbox = createOutbox(10_000, 1e9);
  let next = 0;
  let expected = 0;
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 500; i++) outbox.add(event(next++, "on_train_batch_end"));
    for (const { order } of outbox.take(400, 1e9)) expect(order).toBe(expected++);
  }
  expect(outbox.size).toBe(3000);
  expect(outbox.all().map(({ order }) => order)).toEqual(Array.from({ length: 3000 }, (_, i) => expected + i));
});

test.each<[string, string[], number[]]>([
  ["points of batches first", ["on_epoch_end", "on_train_batch_end", "on_test_batch_end", "on_epoch_end"], [1]],
  ["of epochs when there is none of a batch", ["on_epoch_end", "on_epoch_end", "on_epoch_end", "on_epoch_end"], [0]],
  ["kinds that are not known as epochs do", ["checkpoint", "on_epoch_end", "on_save", "constructor"], [0]],
  ["samples of the machine and heartbeats as batches do", ["checkpoint", "system", "heartbeat", "on_epoch_end"], [1]],
  ["nothing for what a run is", ["on_epoch_end", "on_epoch_end", "on_epoch_end", "params", "tags", "on_train_end"], []],
  ["but points for it", ["params", "on_epoch_end", "tags", "on_train_batch_end"], [3]],
  ["params and tags for each other", ["on_train_begin", "params", "tags", "params"], [1]],
  ["begins and ends for each other, at last", Array(4).fill("on_train_begin"), [0]],
])("a full queue drops %s", (_what, kinds, dropped) => {
  const outbox = createOutbox(3, 1e6);
  const gone = kinds.flatMap((kind, order) => outbox.add(event(order, kind)));
  expect(gone.map(({ order }) => order)).toEqual(dropped);
  expect(outbox.size).toBe(kinds.length - dropped.length);
});

test.each(["on_train_batch_end", "params", "on_train_end"])("bytes are bounded too, of %s", (kind) => {
  const outbox = createOutbox(1000, 100);
  const dropped = [60, 60, 101, 30].flatMap((bytes, order) => outbox.add(event(order, kind, bytes)));
  // An event that is too large by itself takes nothing with it.
  expect(dropped.map(({ order }) => order)).toEqual([0, 2]);
});
