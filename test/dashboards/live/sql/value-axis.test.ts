import { expect, test } from "vitest";
import type { SqlChartInput } from "../../../../dashboards/live/sql/chart-option.ts";
import { valueAxis } from "../../../../dashboards/live/sql/value-axis.ts";

const ink = {
  text: "#000",
  muted: "#555",
  line: "#ccc",
  track: "#eee",
  surface: "#fff",
  danger: "",
  warn: "",
  good: "",
};
const yAxisOf = (kind: SqlChartInput["kind"], values: (number | null)[]) =>
  valueAxis({ kind, yName: "value", series: [{ name: "a", points: values.map((value, x) => [x, value]) }], ink });

test("a line of one value and its rounding is flat, and ticks of close values differ", () => {
  const { min, max } = yAxisOf("line", [1e-4, 1e-4 + 4e-20, null]);
  expect(max! - min!).toBeGreaterThan(1e-17);
  const close = yAxisOf("line", [1, 1 + 1e-9]);
  expect(close.min).toBeUndefined();
  const ticks = [1, 1 + 5e-10, 1 + 1e-9].map(close.axisLabel.formatter);
  expect(new Set(ticks).size).toBe(3);
});

test("bars begin at 0, and plain values have short ticks", () => {
  const { min, scale, axisLabel } = yAxisOf("bar", [1, 1 + 1e-16]);
  expect([min, scale, axisLabel.formatter(0.5)]).toEqual([undefined, false, "0.5"]);
  expect(yAxisOf("line", []).axisLabel.formatter(0.25)).toBe("0.25");
});
