import { describe, expect, test } from "vitest";
import { describeLines, lastValues, reasonForNothing } from "../../../../dashboards/live/charts/description.ts";
import { linesOf, seriesFor } from "../../../../dashboards/live/charts/lines.ts";
import { runOf, streamedEvent } from "../data/events.ts";
import { plain, storeWith } from "./filled-store.ts";

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

  test("draws a line for each of several writers, named in all charts of the run", () => {
    const ranks = [0, 1].flatMap((epoch) =>
      ["0", "1"].map((writer) => ({ writer, epoch, logs: { loss: Number(writer) + epoch } })),
    );
    const store = storeWith("epoch", ...ranks, { writer: "0", epoch: 0, logs: { lr: 0.1 } });
    const run = runOf({ run: "a", name: "first try" });
    const lines = linesOf("loss", [run], store, plain);
    expect(lines.map(({ label, owner, points }) => [label, owner, points])).toEqual([
      [
        "first try · writer 0",
        "a",
        [
          [0, 0],
          [1, 1],
        ],
      ],
      [
        "first try · writer 1",
        "a",
        [
          [0, 1],
          [1, 2],
        ],
      ],
    ]);
    expect(new Set(lines.map(({ hue }) => hue)).size).toBe(2);
    expect(linesOf("lr", [run], store, plain).map(({ label }) => label)).toEqual(["first try · writer 0"]);
  });

  test("counts the writers of a run as one in the mean of its group", () => {
    const store = storeWith("epoch", ...[0, 2].map((loss) => ({ writer: String(loss), epoch: 0, logs: { loss } })), {
      run: "b",
      epoch: 0,
      logs: { loss: 4 },
    });
    const runs = ["a", "b"].map((run) => runOf({ run, params: { lr: 1 } }));
    const [line] = linesOf("loss", runs, store, { ...plain, groupBy: "lr", band: "range" });
    expect(line).toMatchObject({ label: "lr = 1 (2)", points: [[0, 2.5]], band: [[0, 1, 4]] });
  });

  test("keeps the band of shares between 0 and 1", () => {
    const bandFor = (metric: string) => {
      const store = storeWith(
        "epoch",
        ...[0.5, 1].map((value, i) => ({ run: "ab"[i]!, epoch: 0, logs: { [metric]: value } })),
      );
      const runs = ["a", "b"].map((run) => runOf({ run, params: { lr: 1 } }));
      return linesOf(metric, runs, store, { ...plain, groupBy: "lr" })[0]!.band![0]!;
    };
    expect(bandFor("accuracy")[2]).toBe(1);
    expect(bandFor("loss")[2]).toBeGreaterThan(1);
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
    expect(seriesFor(store, "a", "loss", "train", "step")[0]?.level).toBe("batch");
    expect(seriesFor(store, "a", "loss", "validation", "step")[0]?.level).toBe("epoch");
    expect(seriesFor(store, "a", "f1", "train", "step")[0]?.level).toBe("epoch");
    expect(seriesFor(store, "a", "f1", "validation", "step")[0]?.level).toBe("batch");
    expect(seriesFor(store, "a", "loss", "test", "step")).toEqual([]);
  });
});

describe("values that cannot be drawn", () => {
  const lossOf = (...losses: unknown[]) => {
    const store = storeWith("epoch", ...losses.map((loss, epoch) => ({ epoch, logs: { loss } })));
    return linesOf("loss", [runOf({})], store, plain);
  };

  test("are gaps with a mark where they are too large for an axis to span", () => {
    const [line] = lossOf(1e308, -1e308, 1, 2);
    expect(line!.points.map(([, y]) => y)).toEqual([null, null, 1, 2]);
    expect(line!.marks.map(({ name }) => name)).toEqual(["1e308", "−1e308"]);
    expect(line!.notFinite).toBe(0);
  });

  test("are said where they are the last", () => {
    const lines = lossOf(1.7, { $num: "NaN" });
    expect(lines[0]!.last).toBeNaN();
    expect(lastValues(lines, "a")).toBe("NaN  ·  1 not finite");
    expect(describeLines("loss", "epoch", lines, true)).toContain("NaN after 2 points, 1 not finite");
  });

  test.each([
    ["a logarithmic axis of zeros", [0, 0], true, "No value above 0 to draw on a logarithmic axis."],
    ["a logarithmic axis of negative values", [-1, -2], true, "No value above 0 to draw on a logarithmic axis."],
    ["a logarithmic axis with one positive value", [-1, 2], true, null],
    ["a linear axis of zeros", [0, 0], false, null],
  ])("are explained: %s", (_, losses, isLog, reason) => {
    expect(reasonForNothing(lossOf(...losses), "epoch", isLog, null)).toBe(reason);
  });

  test("are explained where no run has the param that groups them", () => {
    expect(reasonForNothing([], "clock", false, "lr")).toBe("No values by time in runs with lr.");
    expect(reasonForNothing([], "clock", false, null)).toBe("No values by time yet.");
  });
});
