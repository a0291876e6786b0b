import { describe, expect, test } from "vitest";
import {
  clippedRange,
  extentOf,
  leastRange,
  tickDigits,
  timeInterval,
} from "../../../../dashboards/live/charts/axes.ts";
import { linesOf } from "../../../../dashboards/live/charts/lines.ts";
import { formatTick } from "../../../../dashboards/live/layout/format.ts";
import { runOf } from "../data/events.ts";
import { plain, storeWith } from "./filled-store.ts";

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

  test("reach from the lowest to the highest x of what a resumed run has not overwritten", () => {
    const store = storeWith("epoch", ...[0, 1, 3, 2].map((epoch) => ({ epoch, logs: { loss: 1 } })));
    expect(extentOf(linesOf("loss", [runOf({})], store, plain))).toEqual([0, 2]);
    expect(extentOf([])).toBeNull();
  });

  test("do not show the rounding of values that are the same, and show real differences", () => {
    expect(leastRange([1e-4, 1e-4])).toBeNull();
    const [low, high] = leastRange([1e-4, 1e-4 + 4e-20])!;
    expect(high - low).toBeGreaterThan(1e-17);
    expect(leastRange([1, 1 + 1e-9])).toBeNull();
  });

  test("have ticks that differ, however close they are", () => {
    const range = leastRange([1, 1 + 2e-15])!;
    const ticks = [0, 1, 2, 3, 4].map((i) => range[0] + ((range[1] - range[0]) * i) / 4);
    expect(new Set(ticks.map((tick) => formatTick(tick, tickDigits(range)))).size).toBe(5);
    expect(tickDigits([0, 1])).toBe(4);
    expect(formatTick(1_700_000_000.25, tickDigits([1_700_000_000, 1_700_000_001]))).toBe("1700000000.25");
  });

  test("tick at round times", () => {
    expect([50, 400, 4000, 2e6].map((seconds) => timeInterval(seconds))).toEqual([10, 120, 900, 345_600]);
  });
});
