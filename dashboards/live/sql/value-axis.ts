import { leastRange, valuesExtent, valueTicks } from "../charts/axes.ts";
import type { SqlChartInput } from "./chart-option.ts";

/** The y axis of a query's chart: as the line charts', but that bars begin at 0. */
export function valueAxis({ kind, yName, series, ink }: Omit<SqlChartInput, "xKind" | "colorOf">) {
  const extent = kind === "bar" ? null : valuesExtent(series);
  const range = extent === null ? null : leastRange(extent);
  return {
    ...valueTicks(extent, range, ink),
    type: "value",
    name: yName,
    nameTextStyle: { color: ink.muted, fontSize: 11, align: "left" },
    scale: kind !== "bar",
    ...(range === null ? {} : { min: range[0], max: range[1] }),
  };
}
