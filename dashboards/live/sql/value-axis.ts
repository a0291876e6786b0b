import { leastRange, tickDigits, valuesExtent } from "../charts/axes.ts";
import { formatTick } from "../layout/format.ts";
import type { SqlChartInput } from "./chart-option.ts";

/** The y axis of a query's chart: as the line charts', but that bars begin at 0. */
export function valueAxis({ kind, yName, series, ink }: Omit<SqlChartInput, "xKind" | "colorOf">) {
  const extent = kind === "bar" ? null : valuesExtent(series);
  const range = extent === null ? null : leastRange(extent);
  const digits = extent === null ? 4 : tickDigits(range ?? extent);
  return {
    type: "value",
    name: yName,
    nameTextStyle: { color: ink.muted, fontSize: 11, align: "left" },
    scale: kind !== "bar",
    ...(range === null ? {} : { min: range[0], max: range[1] }),
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: ink.muted,
      fontSize: 11,
      formatter: (value: number) => formatTick(value, digits),
    },
    splitLine: { lineStyle: { color: ink.line } },
    splitNumber: 4,
  };
}
