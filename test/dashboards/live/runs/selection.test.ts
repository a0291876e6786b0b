import { describe, expect, test } from "vitest";
import {
  axesFor,
  focusRun,
  movedPin,
  newestRun,
  pinnedFirst,
  shownRuns,
  varyingParams,
} from "../../../../dashboards/live/runs/selection.ts";
import { rowOf, runOf } from "../data/events.ts";

describe("what is shown", () => {
  const old = runOf({ run: "old", state: "running", started_at: "2026-11-24T10:00:00Z" });
  const ended = runOf({ run: "ended", started_at: "2026-11-24T12:00:00Z" });
  const hidden = runOf({ run: "hidden", started_at: "2026-11-24T13:00:00Z", archived: true });
  const runs = new Map([old, ended, hidden].map((run) => [run.run, run]));

  test("is the newest run that is not archived, whatever an older one says of its state", () => {
    expect(newestRun(runs.values())?.run).toBe("ended");
    expect(newestRun([hidden])).toBeNull();
    expect(shownRuns({ runs: null }, runs)).toEqual([ended]);
    expect(shownRuns({ runs: ["ended", "gone"] }, runs)).toEqual([ended]);
  });

  test("has the chosen run in the gauges, if it is among those shown", () => {
    expect(focusRun({ focus: "ended" }, [old, ended])).toBe(ended);
    expect(focusRun({ focus: "gone" }, [old, ended])).toBe(ended);
    expect(focusRun({ focus: "old" }, [old, ended])).toBe(old);
    expect(focusRun({ focus: null }, [])).toBeNull();
  });

  test("goes by epoch once there are two, by step before, and by time where there is neither", () => {
    expect(axesFor([runOf({ summary: [rowOf({ points: 2 })] })])).toEqual(["epoch", "step", "time"]);
    const first = [rowOf({ points: 1 }), rowOf({ level: "batch", points: 9 })];
    expect(axesFor([runOf({ summary: first })])).toEqual(["step", "epoch", "time"]);
    expect(axesFor([])[0]).toBe("epoch");
  });

  test("can be grouped by the params that differ", () => {
    const some = [runOf({ params: { lr: 1, o: "adam" } }), runOf({ params: { lr: 2, o: "adam", extra: 1 } })];
    expect(varyingParams(some)).toEqual(["extra", "lr"]);
  });
});

describe("pinned charts", () => {
  test("stand first, in their own order, where there are such", () => {
    expect(pinnedFirst(["a", "b", "c"], ["c", "gone", "b"])).toEqual(["c", "b", "a"]);
  });

  test("are moved by one place, and not past an end", () => {
    expect(movedPin(["a", "b", "c"], "c", -1)).toEqual(["a", "c", "b"]);
    expect(movedPin(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
    expect(movedPin(["a", "b"], "a", -1)).toEqual(["a", "b"]);
    expect(movedPin(["a", "b"], "b", 1)).toEqual(["a", "b"]);
    expect(movedPin(["a", "b"], "other", 1)).toEqual(["a", "b"]);
  });
});
