import { describe, expect, test } from "vitest";
import { createSeriesStore } from "../../../../dashboards/live/data/series-store.ts";
import { streamedEvent } from "./events.ts";

const all = () => true;

describe("the series store", () => {
  test("appends streamed points to what was fetched, and starts series that are new", () => {
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
    const before = store.of("a", "loss", "train", "epoch")[0]!.version;
    expect(store.append(streamedEvent({ epoch: 2, logs: { loss: 1, val_loss: 4 } }), all)).toBe(true);
    const series = store.of("a", "loss", "train", "epoch")[0]!;
    expect([series.x, series.y, series.total]).toEqual([[0, 1, 2], [3, 2, 1], 901]);
    expect(series.version).toBeGreaterThan(before);
    expect(store.of("a", "loss", "validation", "epoch")[0]!.y).toEqual([4]);
  });

  test("marks what is not finite", () => {
    const store = createSeriesStore(100);
    store.append(streamedEvent({ epoch: 0, logs: { loss: 1 } }), all);
    store.append(streamedEvent({ epoch: 1, logs: { loss: { $num: "NaN" } } }), all);
    const { y, marks } = store.of("a", "loss", "train", "epoch")[0]!;
    expect([y, marks]).toEqual([[1, null], [[1, "NaN"]]]);
  });

  test("ignores what was not asked for and what has no x on the axis", () => {
    const store = createSeriesStore(100);
    store.replace("step", []);
    expect(store.append(streamedEvent({ epoch: 1, logs: { loss: 1 } }), all)).toBe(false);
    expect(store.append(streamedEvent({ step: 1, logs: { loss: 1 } }), (metric) => metric === "accuracy")).toBe(false);
  });

  test("keeps at most twice the points it was made for", () => {
    const store = createSeriesStore(50);
    store.replace("step", []);
    for (let step = 0; step < 5000; step++) {
      store.append(streamedEvent({ kind: "on_train_batch_end", step, logs: { loss: step % 7 } }), all);
    }
    const series = store.of("a", "loss", "train", "batch")[0]!;
    expect(series.x.length).toBeLessThanOrEqual(100);
    expect(series.total).toBe(5000);
    expect(series.x.at(-1)).toBe(4999);
  });
});
