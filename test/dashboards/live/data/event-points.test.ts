import { describe, expect, test } from "vitest";
import { pointsOf, xOf } from "../../../../dashboards/live/data/event-points.ts";
import { streamedEvent } from "./events.ts";

describe("pointsOf", () => {
  test("tells train from validation and test, and epoch from batch", () => {
    const logs = { loss: 1, val_loss: 2, test_loss: 3, val_: 4, note: "x", flag: true };
    const points = pointsOf(streamedEvent({ logs })).map(({ metric, split, level, value }) => [
      metric,
      split,
      level,
      value,
    ]);
    expect(points).toEqual([
      ["loss", "train", "epoch", 1],
      ["loss", "validation", "epoch", 2],
      ["loss", "test", "epoch", 3],
      ["val_", "train", "epoch", 4],
    ]);
    expect(pointsOf(streamedEvent({ kind: "on_train_batch_end", logs: { loss: 1 } }))[0]?.level).toBe("batch");
    expect(pointsOf(streamedEvent({ kind: "on_test_batch_end", logs: { loss: 1 } }))[0]?.split).toBe("validation");
    expect(pointsOf(streamedEvent({ kind: "params", logs: { lr: 1 } }))).toEqual([]);
  });

  test("reads what JSON has no number for", () => {
    const logs = { a: { $num: "NaN" }, b: { $num: "-Infinity" }, c: { $num: "9223372036854775807" } };
    expect(pointsOf(streamedEvent({ logs })).map((point) => point.value)).toEqual([
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      2 ** 63,
    ]);
  });
});

describe("xOf", () => {
  test("knows epoch 0 from no epoch", () => {
    expect(xOf(streamedEvent({ epoch: 0 }), "epoch")).toBe(0);
    expect(xOf(streamedEvent({ epoch: null }), "epoch")).toBeNull();
    expect(xOf(streamedEvent({ step: { $num: "9007199254740993" } }), "step")).toBe(2 ** 53);
  });
});
