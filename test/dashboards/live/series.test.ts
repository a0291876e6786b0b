import { describe, expect, it } from "vitest";
import { pointsOf, positionOn } from "../../../dashboards/live/data/event-points.ts";
import { createSeriesStore } from "../../../dashboards/live/data/series-store.ts";
import { streamedEvent } from "./data/events.ts";

const all = () => true;

describe("pointsOf", () => {
  it("tells train from validation and test, and epoch from batch", () => {
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

  it("reads what JSON has no number for", () => {
    const logs = { a: { $num: "NaN" }, b: { $num: "-Infinity" }, c: { $num: "9223372036854775807" } };
    expect(pointsOf(streamedEvent({ logs })).map((point) => point.value)).toEqual([
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      2 ** 63,
    ]);
  });
});

describe("placeOf", () => {
  it("knows epoch 0 from no epoch", () => {
    expect(positionOn(streamedEvent({ epoch: 0 }), "epoch")).toBe(0);
    expect(positionOn(streamedEvent({ epoch: null }), "epoch")).toBeNull();
    expect(positionOn(streamedEvent({ step: { $num: "9007199254740993" } }), "step")).toBe(2 ** 53);
  });
});

describe("the series store", () => {
  it("appends streamed points to what was fetched, and starts series that are new", () => {
    const store = createSeriesStore(100);
    const fetched = {
      run: "a",
      metric: "loss",
      split: "train",
      level: "epoch",
      total: 900,
      x: [0, 1],
      y: [3, 2],
      marks: [],
    } as const;
    store.replace("epoch", [{ ...fetched, x: [...fetched.x], y: [...fetched.y], marks: [] }]);
    const before = store.get("a", "loss", "train", "epoch")!.version;
    expect(store.append(streamedEvent({ epoch: 2, logs: { loss: 1, val_loss: 4 } }), all)).toBe(true);
    const series = store.get("a", "loss", "train", "epoch")!;
    expect([series.x, series.y, series.total]).toEqual([[0, 1, 2], [3, 2, 1], 901]);
    expect(series.version).toBeGreaterThan(before);
    expect(store.get("a", "loss", "validation", "epoch")!.y).toEqual([4]);
  });

  it("marks what is not finite", () => {
    const store = createSeriesStore(100);
    store.append(streamedEvent({ epoch: 0, logs: { loss: 1 } }), all);
    store.append(streamedEvent({ epoch: 1, logs: { loss: { $num: "NaN" } } }), all);
    const { y, marks } = store.get("a", "loss", "train", "epoch")!;
    expect([y, marks]).toEqual([[1, null], [[1, "NaN"]]]);
  });

  it("ignores what was not asked for and what has no place on the axis", () => {
    const store = createSeriesStore(100);
    store.replace("step", []);
    expect(store.append(streamedEvent({ epoch: 1, logs: { loss: 1 } }), all)).toBe(false);
    expect(store.append(streamedEvent({ step: 1, logs: { loss: 1 } }), (metric) => metric === "accuracy")).toBe(false);
  });

  it("keeps at most twice the points it was made for", () => {
    const store = createSeriesStore(50);
    store.replace("step", []);
    for (let step = 0; step < 5000; step++) {
      store.append(streamedEvent({ kind: "on_train_batch_end", step, logs: { loss: step % 7 } }), all);
    }
    const series = store.get("a", "loss", "train", "batch")!;
    expect(series.x.length).toBeLessThanOrEqual(100);
    expect(series.total).toBe(5000);
    expect(series.x.at(-1)).toBe(4999);
  });
});
