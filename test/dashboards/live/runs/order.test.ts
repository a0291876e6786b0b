import { describe, expect, test } from "vitest";
import { createMetricColumns } from "../../../../dashboards/live/runs/metric-columns.ts";
import { bestFirst, columnValue, passes, sortRuns } from "../../../../dashboards/live/runs/order.ts";
import { rowOf, runOf } from "../data/events.ts";

const ids = (runs: { run: string }[]) => runs.map((run) => run.run).join("");

describe("sorting runs", () => {
  const runs = [
    runOf({
      run: "a",
      params: { lr: 0.1 },
      summary: [rowOf({ best: 3 }), rowOf({ metric: "accuracy", split: "validation", best: 0.9 })],
    }),
    runOf({ run: "b", params: { lr: 0.01 }, summary: [rowOf({ best: 1 })] }),
    runOf({
      run: "c",
      params: {},
      summary: [
        rowOf({ best: 2, last: { $num: "NaN" } }),
        rowOf({ metric: "accuracy", split: "validation", best: 0.95 }),
      ],
    }),
  ];

  test("puts the best first, by the metric's own direction", () => {
    const columns = createMetricColumns()(runs);
    expect(columns.map((column) => column.label)).toEqual(["val accuracy", "loss"]);
    expect(columns.map(bestFirst)).toEqual(["-best:validation:accuracy", "best:train:loss"]);
    expect(ids(sortRuns(runs, "best:train:loss"))).toBe("bca");
  });

  test("puts what has no value last, in either direction", () => {
    expect(ids(sortRuns(runs, "-best:validation:accuracy"))).toBe("cab");
    expect(ids(sortRuns(runs, "best:validation:accuracy"))).toBe("acb");
    expect(ids(sortRuns(runs, "param:lr"))).toBe("bac");
    expect(ids(sortRuns(runs, "-last:train:loss"))).toBe("abc");
  });

  test("reads params and metrics with a colon in their name", () => {
    const odd = runOf({ params: { "a:b": 1 }, summary: [rowOf({ metric: "m:x", best: 7 })] });
    expect(columnValue(odd, "param:a:b")).toBe(1);
    expect(columnValue(odd, "best:train:m:x")).toBe(7);
  });
});

describe("filtering runs", () => {
  const all = { text: "", state: null, archived: false, params: [] };

  test("matches name and id, whatever the case", () => {
    const run = runOf({ run: "0198-AB", name: "Convnet" });
    expect(passes(run, { ...all, text: "convN" })).toBe(true);
    expect(passes(run, { ...all, text: "98-ab" })).toBe(true);
    expect(passes(run, { ...all, text: "lstm" })).toBe(false);
  });

  test("leaves out archived runs and other states", () => {
    expect(passes(runOf({ params: { lr: 0.1 } }), { ...all, params: ["lr = 0.1", "lr < 1"] })).toBe(true);
    expect(passes(runOf({ params: { lr: 0.1 } }), { ...all, params: ["lr = 0.1", "lr > 1"] })).toBe(false);
    expect(passes(runOf({ archived: true }), all)).toBe(false);
    expect(passes(runOf({ archived: true }), { ...all, archived: true })).toBe(true);
    expect(passes(runOf({ state: "failed" }), { ...all, state: "running" })).toBe(false);
  });
});
