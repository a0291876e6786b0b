import type { SqlResult } from "../../../functions/stores/store.ts";
import { createColors } from "../charts/colors.ts";
import { type Chart, createChart } from "../charts/echarts.ts";
import { h, setAttribute, setOptions } from "../layout/element.ts";
import { inks, theme } from "../layout/theme.ts";
import { sqlChartOption } from "./chart-option.ts";
import {
  chooseChart,
  columnKinds,
  type SqlChartChoice,
  type SqlChartKind,
  type SqlSeries,
  seriesOfRows,
} from "./columns.ts";

const MOST_SERIES = 20;
const KINDS: [SqlChartKind, string][] = [
  ["line", "Line"],
  ["bar", "Bar"],
  ["scatter", "Dots"],
];

/** Creates a chart of a query's result, whose columns can be chosen. */
export function createSqlChart(nameOf: (run: string) => string) {
  const canvas = h("div", { class: "sql-canvas", role: "img", "data-testid": "sql-chart" });
  const kind = select("Kind of chart", (value) => choose({ kind: value as SqlChartKind }));
  const x = select("x column", (value) => choose({ x: Number(value) }));
  const y = select("y column", (value) => choose({ y: Number(value) }));
  const by = select("One series per value of", (value) =>
    choose({ by: value === "" ? [] : value.split(",").map(Number) }),
  );
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
  const colorOf = (name: string) => colors.of(name, theme());
  let chart: Chart | null = null;
  let result: SqlResult | null = null;
  let choice: SqlChartChoice | null = null;

  function choose(patch: Partial<SqlChartChoice>) {
    if (choice) choice = { ...choice, ...patch };
    draw();
  }

  function show(next: SqlResult) {
    const isSame = JSON.stringify(next.columns) === JSON.stringify(result?.columns);
    result = next;
    // The same columns again: a query that was only refined keeps the chart that was chosen.
    if (!isSame || !choice) choice = chooseChart(next);
    draw();
  }

  function draw() {
    element.hidden = result === null || choice === null;
    if (!result || !choice) return;
    const names = result.columns.map((column, i): [string, string] => [String(i), column.name]);
    setOptions(kind, KINDS, choice.kind);
    setOptions(x, names, String(choice.x));
    setOptions(y, names, String(choice.y));
    setOptions(by, [["", "–"], ...names, ...combined(result, choice.by)], choice.by.join(","));
    const all = seriesOfRows(result, choice, nameOf);
    const series = all.slice(0, MOST_SERIES);
    colors.together(series.map((one) => one.name));
    legend.replaceChildren(...series.map(legendEntry));
    if (all.length > MOST_SERIES)
      legend.append(h("li", { class: "quiet" }, `The first ${MOST_SERIES} of ${all.length}`));
    const [xName, yName] = [result.columns[choice.x]!.name, result.columns[choice.y]!.name];
    describe(series, xName, yName);
    const xKind = choice.kind === "bar" ? "text" : columnKinds(result)[choice.x]!;
    chart ??= createChart(canvas);
    chart.setOption(sqlChartOption({ kind: choice.kind, xKind, yName, series, colorOf, ink: inks() }), {
      notMerge: true,
    });
    chart.resize();
  }

  const legendEntry = ({ name }: SqlSeries) =>
    h(
      "li",
      { class: "owner", style: `color:${colorOf(name)}` },
      h("span", {}, h("span", { class: "line-sample train" }), h("span", { class: "legend-text" }, name)),
    );

  function describe(series: readonly SqlSeries[], xName: string, yName: string) {
    const points = series.reduce((sum, one) => sum + one.points.length, 0);
    const counts = `${series.length} series, ${points} points`;
    setAttribute(canvas, "aria-label", `${yName} by ${xName}: ${counts}. The table below holds the same values.`);
    setAttribute(canvas, "data-points", points);
  }

  /** Takes the chart away: what it showed is not the answer any more. */
  function clear() {
    result = null;
    element.hidden = true;
  }

  return { element, show, clear, redraw: draw, dispose: () => chart?.dispose() };
}

/** Several columns together are a choice of their own. */
const combined = ({ columns }: SqlResult, by: readonly number[]): [string, string][] =>
  by.length < 2 ? [] : [[by.join(","), by.map((i) => columns[i]!.name).join(", ")]];

function select(label: string, change: (value: string) => void): HTMLSelectElement {
  const element = h("select", { class: "field", "aria-label": label, onchange: () => change(element.value) });
  return element;
}
