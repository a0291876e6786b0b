import { FONT } from "../charts/echarts.ts";
import { formatNumber } from "../layout/format.ts";
import type { Inks } from "../layout/theme.ts";
import type { ColumnKind, SqlChartKind, SqlSeries } from "./columns.ts";
import { valueAxis } from "./value-axis.ts";

/** Lines with more points than this show no symbol for each. */
const MOST_SYMBOLS = 40;

/** Bars whose names are all written, and those whose names stand level. */
const MOST_LABELS = 30;
const MOST_LEVEL = 6;

export interface SqlChartInput {
  kind: SqlChartKind;
  xKind: ColumnKind;
  yName: string;
  series: readonly SqlSeries[];
  colorOf(name: string): string;
  ink: Inks;
}

/** The chart of a query's result, as ECharts takes it. */
export function sqlChartOption(input: SqlChartInput) {
  const { kind, series, colorOf, ink } = input;
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: { left: 8, right: 14, top: 26, bottom: 4, containLabel: true },
    tooltip: {
      trigger: kind === "scatter" ? "item" : "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: ink.surface,
      borderColor: ink.line,
      textStyle: { color: ink.text, fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === "number" ? formatNumber(value) : "–"),
    },
    xAxis: xAxis(input),
    yAxis: valueAxis(input),
    series: series.map(({ name, points }) => ({
      type: kind,
      name,
      data: points,
      showSymbol: points.length <= MOST_SYMBOLS,
      symbolSize: kind === "scatter" ? 7 : 4,
      barMaxWidth: 28,
      lineStyle: { width: 1.8, color: colorOf(name) },
      itemStyle: { color: colorOf(name) },
      emphasis: { disabled: true },
    })),
  };
}

function xAxis({ kind, xKind, series, ink }: SqlChartInput) {
  const common = {
    scale: true,
    axisLine: { lineStyle: { color: ink.line }, onZero: false },
    axisTick: { length: 3, lineStyle: { color: ink.line } },
    axisLabel: { color: ink.muted, fontSize: 11, hideOverlap: true },
    splitLine: { show: false },
  };
  if (xKind === "text") {
    // One category a bar, in the rows' order.
    const data = [...new Set(series.flatMap((one) => one.points.map(([x]) => String(x))))];
    const isCrowded = data.length > MOST_LEVEL;
    const axisLabel = {
      ...common.axisLabel,
      ...(data.length <= MOST_LABELS ? { interval: 0, hideOverlap: false } : {}),
      rotate: isCrowded ? 35 : 0,
      width: 110,
      overflow: "truncate",
    };
    return { ...common, type: "category", data, axisLabel };
  }
  const range = xKind === "number" && kind === "line" ? { min: "dataMin", max: "dataMax" } : {};
  return { ...common, ...range, type: xKind === "time" ? "time" : "value" };
}
