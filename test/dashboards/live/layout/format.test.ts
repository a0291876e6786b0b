import { describe, expect, test } from "vitest";
import {
  formatAny,
  formatClock,
  formatDuration,
  formatNumber,
  formatShort,
} from "../../../../dashboards/live/layout/format.ts";

describe("numbers", () => {
  test("have four digits and a steady width", () => {
    expect([0.94, 12.3456, 1234.5, 128, 0, -0.5].map(formatNumber)).toEqual([
      "0.9400",
      "12.35",
      "1235",
      "128",
      "0",
      "−0.5000",
    ]);
    expect([0.000032, 12_345_678, Number.NaN, Number.POSITIVE_INFINITY].map(formatNumber)).toEqual([
      "3.2e−5",
      "1.23e7",
      "NaN",
      "∞",
    ]);
  });

  test("are short on axes and in params", () => {
    expect([0.9, 0.003, 128, 0.12345].map(formatShort)).toEqual(["0.9", "0.003", "128", "0.1235"]);
    expect([null, { $num: "-Infinity" }, [1], true, "adam"].map(formatAny)).toEqual(["–", "−∞", "[1]", "true", "adam"]);
  });

  test("tell time", () => {
    expect([8_000, 192_000, 7_500_000, 273_600_000].map(formatDuration)).toEqual([
      "8 s",
      "3 m 12 s",
      "2 h 5 m",
      "3 d 4 h",
    ]);
    expect([40, 200, 3900].map(formatClock)).toEqual(["0:40", "3:20", "1:05:00"]);
  });
});
