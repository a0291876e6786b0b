import { describe, expect, test } from "vitest";
import {
  clippedRange,
  extentOf,
  type LineSettings,
  linesOf,
  seriesFor,
  timeInterval,
} from "../../../../dashboards/live/charts/lines.ts";
import { createSeriesStore } from "../../../../dashboards/live/data/series-store.ts";
import { runOf, streamedEvent } from "../data/events.ts";

const plain: LineSettings = { x: "epoch", smoothing: 0, splits: "all", groupBy: null, band: "std" };

function storeWith(axis: "epoch" | "step" | "time", ...events: Parameters<typeof streamedEvent>[0][]) {
  const store = createSeriesStore(500);
  store.replace(axis, []);
  for (const event of events) store.append(streamedEvent(event), () => true);
  return store;
}

describe("linesOf", () => {
  test("draws a line for each run and split", () => {
    const store = storeWith(
      "epoch",
      { epoch: 0, logs: { loss: 2, val_loss: 3 } },
      { run: "b", epoch: 0, logs: { loss: 1 } },
    );
    const lines = linesOf("loss", [runOf({ run: "a" }), runOf({ run: "b" })], store, plain);
    expect(lines.map((line) => line.id)).toEqual(["a train", "b train", "a validation"]);
    expect(linesOf("loss", [runOf({ run: "a" })], store, { ...plain, splits: "validation" })).toHaveLength(1);
  });

  test("shows the raw values beside the smoothed ones", () => {
    const store = storeWith("epoch", { epoch: 0, logs: { loss: 4 } }, { epoch: 1, logs: { loss: 8 } });
    const [line] = linesOf("loss", [runOf({})], store, { ...plain, smoothing: 0.5 });
    expect(line!.raw).toEqual([
      [0, 4],
      [1, 8],
    ]);
    expect(line!.points[1]![1]).toBeCloseTo(5 / 0.75);
    expect(line!.last).toBe(8);
  });

  test("marks what is not finite at the height of the last value before, or the first after", () => {
    const nan = { $num: "NaN" };
    const store = storeWith("epoch", ...[nan, 4, nan].map((loss, epoch) => ({ epoch, logs: { loss } })));
    const [line] = linesOf("loss", [runOf({})], store, plain);
    expect(line!.marks).toEqual([
      { x: 0, y: 4, name: "NaN" },
      { x: 2, y: 4, name: "NaN" },
    ]);
    expect(line!.points).toEqual([
      [0, null],
      [1, 4],
      [2, null],
    ]);
  });

  test("counts time from the run's own start, in seconds", () => {
    const store = storeWith("time", { at: Date.UTC(2026, 10, 24, 12, 1, 30), logs: { loss: 1 } });
    const [line] = linesOf("loss", [runOf({})], store, { ...plain, x: "time" });
    expect(line!.points).toEqual([[90, 1]]);
    expect(linesOf("loss", [runOf({})], store, { ...plain, x: "clock" })[0]!.points[0]![0]).toBe(
      Date.UTC(2026, 10, 24, 12, 1, 30),
    );
  });

  test("draws one line with a band for each value of a param", () => {
    const store = storeWith(
      "epoch",
      { epoch: 0, logs: { loss: 2 } },
      { run: "b", epoch: 0, logs: { loss: 4 } },
      { run: "c", epoch: 0, logs: { loss: 9 } },
    );
    const runs = [runOf({ run: "a", params: { lr: 1 } }), runOf({ run: "b", params: { lr: 1 } }), runOf({ run: "c" })];
    const lines = linesOf("loss", runs, store, { ...plain, groupBy: "lr", band: "range" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ owner: "lr=1", label: "lr = 1 (2)", points: [[0, 3]], band: [[0, 2, 4]] });
  });

  test("keeps a line that did not change", () => {
    const store = storeWith("epoch", { epoch: 0, logs: { loss: 2 } });
    const run = runOf({});
    const [first] = linesOf("loss", [run], store, plain);
    expect(linesOf("loss", [run], store, plain)[0]).toBe(first);
    store.append(streamedEvent({ epoch: 1, logs: { loss: 1 } }), () => true);
    expect(linesOf("loss", [run], store, plain)[0]).not.toBe(first);
  });
});

describe("seriesFor", () => {
  test("goes by batch for training and by epoch for validation, each by the other for want of its own", () => {
    const store = storeWith(
      "step",
      { step: 1, kind: "on_train_batch_end", logs: { loss: 1 } },
      { step: 1, logs: { loss: 2, val_loss: 3, f1: 4 } },
      { step: 1, kind: "on_test_batch_end", logs: { loss: 5, f1: 6 } },
    );
    expect(seriesFor(store, "a", "loss", "train", "step")?.level).toBe("batch");
    expect(seriesFor(store, "a", "loss", "validation", "step")?.level).toBe("epoch");
    expect(seriesFor(store, "a", "f1", "train", "step")?.level).toBe("epoch");
    expect(seriesFor(store, "a", "f1", "validation", "step")?.level).toBe("batch");
    expect(seriesFor(store, "a", "loss", "test", "step")).toBeNull();
  });
});

describe("the axes", () => {
  test("leave outliers out of the range", () => {
    const store = storeWith(
      "epoch",
      ...Array.from({ length: 40 }, (_, epoch) => ({ epoch, logs: { loss: epoch === 0 ? 1000 : 1 + epoch / 100 } })),
    );
    const lines = linesOf("loss", [runOf({})], store, plain);
    expect(clippedRange(lines)![1]).toBeLessThan(2);
    expect(clippedRange(lines)![0]).toBeGreaterThan(0.9);
    expect(clippedRange([])).toBeNull();
  });

  test("reach from the lowest to the highest x, wherever a resumed run began anew", () => {
    const store = storeWith("epoch", ...[0, 1, 2, 0].map((epoch) => ({ epoch, logs: { loss: 1 } })));
    expect(extentOf(linesOf("loss", [runOf({})], store, plain))).toEqual([0, 2]);
    expect(extentOf([])).toBeNull();
  });

  test("tick at round times", () => {
    expect([50, 400, 4000, 2e6].map((seconds) => timeInterval(seconds))).toEqual([10, 120, 900, 345_600]);
  });
});
