import { describe, expect, it } from "vitest";
import {
  bestFirst,
  columnValue,
  metricColumns,
  passes,
  sortRuns,
} from "../../../../dashboards/live/runs/runs-order.ts";
import { axesFor, focusRun, newestRun, shownRuns, varyingParams } from "../../../../dashboards/live/runs/selection.ts";
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

  it("puts the best first, by the metric's own direction", () => {
    const columns = metricColumns(runs);
    expect(columns.map((column) => column.label)).toEqual(["val accuracy", "loss"]);
    expect(columns.map(bestFirst)).toEqual(["-best:validation:accuracy", "best:train:loss"]);
    expect(ids(sortRuns(runs, "best:train:loss"))).toBe("bca");
  });

  it("puts what has no value last, in either direction", () => {
    expect(ids(sortRuns(runs, "-best:validation:accuracy"))).toBe("cab");
    expect(ids(sortRuns(runs, "best:validation:accuracy"))).toBe("acb");
    expect(ids(sortRuns(runs, "param:lr"))).toBe("bac");
    expect(ids(sortRuns(runs, "-last:train:loss"))).toBe("abc");
  });

  it("reads params and metrics with a colon in their name", () => {
    const odd = runOf({ params: { "a:b": 1 }, summary: [rowOf({ metric: "m:x", best: 7 })] });
    expect(columnValue(odd, "param:a:b")).toBe(1);
    expect(columnValue(odd, "best:train:m:x")).toBe(7);
  });
});

describe("filtering runs", () => {
  const all = { text: "", state: null, archived: false };

  it("matches name and id, whatever the case", () => {
    const run = runOf({ run: "0198-AB", name: "Convnet" });
    expect(passes(run, { ...all, text: "convN" })).toBe(true);
    expect(passes(run, { ...all, text: "98-ab" })).toBe(true);
    expect(passes(run, { ...all, text: "lstm" })).toBe(false);
  });

  it("leaves out archived runs and other states", () => {
    expect(passes(runOf({ archived: true }), all)).toBe(false);
    expect(passes(runOf({ archived: true }), { ...all, archived: true })).toBe(true);
    expect(passes(runOf({ state: "failed" }), { ...all, state: "running" })).toBe(false);
  });
});

describe("what is shown", () => {
  const old = runOf({ run: "old", state: "running", started_at: "2026-11-24T10:00:00Z" });
  const ended = runOf({ run: "ended", started_at: "2026-11-24T12:00:00Z" });
  const hidden = runOf({ run: "hidden", started_at: "2026-11-24T13:00:00Z", archived: true });
  const runs = new Map([old, ended, hidden].map((run) => [run.run, run]));

  it("is the newest run that trains, else the newest that is not archived", () => {
    expect(newestRun(runs.values())?.run).toBe("old");
    expect(newestRun([ended, hidden])?.run).toBe("ended");
    expect(shownRuns({ runs: null }, runs)).toEqual([old]);
    expect(shownRuns({ runs: ["ended", "gone"] }, runs)).toEqual([ended]);
  });

  it("has the chosen run in the gauges, if it is among those shown", () => {
    expect(focusRun({ focus: "ended" }, [old, ended])).toBe(ended);
    expect(focusRun({ focus: "gone" }, [old, ended])).toBe(old);
    expect(focusRun({ focus: null }, [])).toBeNull();
  });

  it("goes by epoch once there are two, by step before, and by time where there is neither", () => {
    expect(axesFor([runOf({ summary: [rowOf({ points: 2 })] })])).toEqual(["epoch", "step", "time"]);
    const first = [rowOf({ points: 1 }), rowOf({ level: "batch", points: 9 })];
    expect(axesFor([runOf({ summary: first })])).toEqual(["step", "epoch", "time"]);
    expect(axesFor([])[0]).toBe("epoch");
  });

  it("can be grouped by the params that differ", () => {
    const some = [runOf({ params: { lr: 1, o: "adam" } }), runOf({ params: { lr: 2, o: "adam", extra: 1 } })];
    expect(varyingParams(some)).toEqual(["extra", "lr"]);
  });
});
