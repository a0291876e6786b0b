import type { SqlResult } from "../../../functions/stores/store.ts";
import { createColors } from "../charts/colors.ts";
import { type Chart, createChart, FONT } from "../charts/echarts.ts";
import { h, setAttribute, setOptions } from "../layout/element.ts";
import { inks, theme } from "../layout/theme.ts";
import { formatNumber, formatShort } from "../layout/values.ts";
import { chooseChart, columnKinds, type SqlChartChoice, type SqlChartKind, seriesOfRows } from "./sql-columns.ts";

const MOST_SERIES = 20;

/** A chart of a query's result, whose columns can be chosen. */
export function createSqlChart() {
  const canvas = h("div", { class: "sql-canvas", role: "img", "data-testid": "sql-chart" });
  const select = (label: string, change: (value: string) => void) => {
    const element = h("select", { class: "field", "aria-label": label, onchange: () => change(element.value) });
    return element;
  };
  const kind = select("Kind of chart", (value) => choose({ kind: value as SqlChartKind }));
  const x = select("x column", (value) => choose({ x: Number(value) }));
  const y = select("y column", (value) => choose({ y: Number(value) }));
  const by = select("One series per value of", (value) => choose({ by: value === "" ? null : Number(value) }));
  const legend = h("ul", { class: "legend", tabindex: 0, "aria-label": "Legend", "data-testid": "sql-legend" });
  const tool = (label: string, input: HTMLElement) => h("label", { class: "tool" }, h("span", {}, label), input);
  const element = h(
    "div",
    { class: "sql-chart" },
    h(
      "div",
      { class: "toolbar", role: "group", "aria-label": "Chart of the result" },
      tool("Chart", kind),
      tool("x", x),
      tool("y", y),
      tool("per", by),
    ),
    legend,
    canvas,
  );
  const colors = createColors();
  let chart: Chart | null = null;
  let result: SqlResult | null = null;
  let choice: SqlChartChoice | null = null;

  function choose(patch: Partial<SqlChartChoice>) {
    if (choice) choice = { ...choice, ...patch };
    draw();
  }

  function show(next: SqlResult) {
    const same = JSON.stringify(next.columns) === JSON.stringify(result?.columns);
    result = next;
    // The same columns again: a query that was only refined keeps the chart that was chosen.
    if (!same || !choice) choice = chooseChart(next);
    draw();
  }

  function draw() {
    element.hidden = choice === null;
    if (!result || !choice) return;
    const names = result.columns.map((column, i): [string, string] => [String(i), column.name]);
    setOptions(
      kind,
      [
        ["line", "Line"],
        ["bar", "Bar"],
        ["scatter", "Dots"],
      ],
      choice.kind,
    );
    setOptions(x, names, String(choice.x));
    setOptions(y, names, String(choice.y));
    setOptions(by, [["", "–"], ...names], choice.by === null ? "" : String(choice.by));
    const series = seriesOfRows(result, choice).slice(0, MOST_SERIES);
    colors.together(series.map((one) => one.name));
    const colorOf = (name: string) => colors.of(name, theme());
    legend.replaceChildren(
      ...series.map((one) =>
        h(
          "li",
          { class: "owner", style: `color:${colorOf(one.name)}` },
          h("span", {}, h("span", { class: "line-sample train" }), h("span", { class: "legend-text" }, one.name)),
        ),
      ),
    );
    const [xName, yName] = [result.columns[choice.x]!.name, result.columns[choice.y]!.name];
    setAttribute(
      canvas,
      "aria-label",
      `${yName} by ${xName}: ${series.length} series, ${series.reduce((sum, one) => sum + one.points.length, 0)} points. The table below holds the same values.`,
    );
    setAttribute(
      canvas,
      "data-points",
      series.reduce((sum, one) => sum + one.points.length, 0),
    );
    chart ??= createChart(canvas);
    const kinds = columnKinds(result);
    const xKind = choice.kind === "bar" ? "text" : kinds[choice.x]!;
    const ink = inks();
    const axisLine = { lineStyle: { color: ink.line } };
    chart.setOption(
      {
        animation: false,
        textStyle: { fontFamily: FONT },
        grid: { left: 8, right: 14, top: 26, bottom: 4, containLabel: true },
        tooltip: {
          trigger: choice.kind === "scatter" ? "item" : "axis",
          confine: true,
          transitionDuration: 0,
          backgroundColor: ink.surface,
          borderColor: ink.line,
          textStyle: { color: ink.text, fontSize: 12 },
          valueFormatter: (value: unknown) => (typeof value === "number" ? formatNumber(value) : "–"),
        },
        xAxis: {
          type: xKind === "text" ? "category" : xKind === "time" ? "time" : "value",
          // Each bar its place, in the rows' order.
          ...(xKind === "text"
            ? { data: [...new Set(series.flatMap((one) => one.points.map(([x]) => String(x))))] }
            : {}),
          scale: true,
          ...(xKind === "number" && choice.kind === "line" ? { min: "dataMin", max: "dataMax" } : {}),
          axisLine: { ...axisLine, onZero: false },
          axisTick: { length: 3, lineStyle: { color: ink.line } },
          axisLabel: {
            color: ink.muted,
            fontSize: 11,
            hideOverlap: true,
            ...(xKind === "text" ? { width: 110, overflow: "truncate" } : {}),
          },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          name: yName,
          nameTextStyle: { color: ink.muted, fontSize: 11, align: "left" },
          scale: choice.kind !== "bar",
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: { color: ink.muted, fontSize: 11, formatter: formatShort },
          splitLine: { lineStyle: { color: ink.line } },
          splitNumber: 4,
        },
        series: series.map((one) => ({
          type: choice!.kind,
          name: one.name,
          data: one.points,
          showSymbol: one.points.length <= 40,
          symbolSize: choice!.kind === "scatter" ? 7 : 4,
          barMaxWidth: 28,
          lineStyle: { width: 1.8, color: colorOf(one.name) },
          itemStyle: { color: colorOf(one.name) },
          emphasis: { disabled: true },
        })),
      },
      { notMerge: true },
    );
    chart.resize();
  }

  return { element, show, redraw: draw, dispose: () => chart?.dispose() };
}
