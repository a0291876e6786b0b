import { describe, expect, test } from "vitest";
import { progressOf } from "../../../../dashboards/live/focused-run/progress.ts";
import { runOf } from "../data/events.ts";

const run = runOf({ state: "running", params: { epochs: 60 }, started_at: "2026-11-24T12:00:00Z" });
const minutesIn = (minutes: number) => Date.parse(run.started_at) + minutes * 60_000;
const at = (firstEnded: number | null, lastEnded: number | null) => ({
  firstEnded,
  lastEnded,
  epoch: lastEnded,
  step: null,
});

describe("progress", () => {
  test.each([
    ["counts from 0", at(0, 11), 12],
    ["counts from 1", at(1, 12), 12],
    ["was not read yet", at(null, null), null],
    ["validates every fifth epoch", at(4, 24), 25],
    ["was resumed at epoch 50", at(50, 54), 55],
  ])("of a run that %s", (_, coordinates, done) => {
    expect(progressOf(run, coordinates, minutesIn(10)).done).toBe(done);
  });

  test("goes by the epochs that were trained here", () => {
    expect(progressOf(run, at(50, 54), minutesIn(10)).leftMs).toBe(10 * 60_000);
    expect(progressOf(run, at(0, 29), minutesIn(10)).leftMs).toBe(10 * 60_000);
    expect(progressOf({ ...run, state: "finished" }, at(0, 29), minutesIn(10)).leftMs).toBeNull();
  });
});
