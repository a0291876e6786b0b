import { expect, test } from "vitest";
import { createOutbox } from "../../trainer/outbox.ts";

const event = (order: number, kind: string, bytes = 10) => ({ order, run: "r", kind, text: "", bytes });

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

test("points of epochs go only when there is no point of a batch left", () => {
  const outbox = createOutbox(3, 1e6);
  for (const [order, kind] of ["on_epoch_end", "on_train_batch_end", "on_test_batch_end"].entries()) {
    expect(outbox.add(event(order, kind))).toEqual([]);
  }
  expect(outbox.add(event(3, "params"))).toEqual([]);
  expect(outbox.add(event(4, "on_epoch_end")).map(({ order }) => order)).toEqual([1, 2]);
  expect(outbox.add(event(5, "on_epoch_end")).map(({ order }) => order)).toEqual([0]);
});
