import type { SqlResult } from "../../../functions/stores/store.ts";
import type { PagePanel } from "../../page-dashboards.ts";
import type { Panel, PanelOf } from "../../spec.ts";
import { createColors } from "../charts/colors.ts";
import { type Chart, createChart } from "../charts/echarts.ts";
import { createGauge } from "../charts/gauge.ts";
import { createLineChart } from "../charts/line-chart.ts";
import type { ChartLine } from "../charts/lines.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import { inks, theme } from "../layout/theme.ts";
import type { PageContext } from "../page-context.ts";
import { sqlChartOption } from "../sql/chart-option.ts";
import { sqlTable } from "../sql/table.ts";
import { panelBars } from "./bars.ts";
import { panelLines } from "./lines.ts";
import { markdown } from "./markdown.ts";
import { formatted, onlyNumber } from "./values.ts";

/** What is drawn in a panel. */
export interface Drawing {
  element: HTMLElement;
  /** Whether its values are worth a table of their own. */
  hasTable: boolean;
  /** Draws an answer; called again with the same one when colours or names are others. */
  show(result: SqlResult): void;
  dispose(): void;
}

type Draw<K extends Panel["kind"]> = (panel: PagePanel<PanelOf<K>>, context: PageContext) => Drawing;

const nothing = () => undefined;
/** Lines and bars that are named in words; the rest are in the chart and its table. */
const MOST_NAMED = 12;
/** Lines that the legend names. */
const MOST_IN_LEGEND = 20;

const chartCanvas = ({ title }: Pick<Panel, "title">) =>
  h("div", {
    ...{ class: "panel-canvas", role: "img", "data-testid": "panel-chart" },
    "aria-label": `${title}: not loaded, as it is out of sight`,
  });

/** The name that the page shows for a run. */
const namer =
  ({ feed }: PageContext) =>
  (run: string) =>
    feed.runs.get(run)?.name ?? run;

const gauge: Draw<"gauge"> = (panel) => {
  const chart = createGauge();
  const label = panel.labels[panel.measure]!;
  return {
    element: h("div", { class: "panel-gauge" }, chart.element),
    hasTable: false,
    show(result) {
      const value = onlyNumber(result);
      const ink = inks();
      const colors = { bad: ink.danger, fair: ink.warn, good: ink.good };
      const bands = panel.bands.map(({ to, means }) => ({ to, color: colors[means] }));
      const band = bands.find(({ to }) => value !== null && value <= to) ?? bands.at(-1);
      chart.update({
        ...{ metric: label, run: panel.key, value, validation: null, min: panel.min, max: panel.max },
        coordinates: "",
        color: band?.color ?? ink.good,
        ink,
        fixed: { bands, text: formatted(value, panel.format) },
      });
    },
    dispose: chart.dispose,
  };
};

const number: Draw<"number"> = (panel) => {
  const value = h("p", { class: "panel-number", "data-testid": "panel-number" });
  return {
    element: h("div", { class: "panel-figure" }, value, h("p", { class: "quiet" }, panel.subtitle)),
    hasTable: false,
    show(result) {
      const found = onlyNumber(result);
      setText(value, formatted(found, panel.format));
      setAttribute(value, "data-value", found);
    },
    dispose: nothing,
  };
};

const line: Draw<"line"> = (panel, context) => {
  const canvas = chartCanvas(panel);
  const legend = h("ul", { class: "legend", tabindex: 0, "aria-label": `Legend of ${panel.title}` });
  const colors = createColors();
  const nameOf = namer(context);
  // A run has the colour that it has in the list.
  const colorOf = (hue: string) => (context.feed.runs.has(hue) ? context.colors : colors).of(hue, theme());
  let chart: ReturnType<typeof createLineChart> | null = null;

  function legendEntry(one: ChartLine) {
    const sample = h("span", { class: `line-sample ${one.split}` });
    const text = h(
      "span",
      { class: "legend-text" },
      panel.by.includes("split") ? `${one.label} · ${one.split}` : one.label,
    );
    return h("li", { class: "owner", style: `color:${colorOf(one.hue)}` }, h("span", {}, sample, text));
  }

  return {
    element: h("div", { class: "panel-drawn" }, legend, canvas),
    hasTable: true,
    show(result) {
      const { lines, isTime } = panelLines(panel, result, nameOf);
      colors.together([...new Set(lines.map(({ hue }) => hue))]);
      legend.replaceChildren(...lines.slice(0, MOST_IN_LEGEND).map(legendEntry));
      legend.hidden = panel.by.length === 0;
      if (lines.length > MOST_IN_LEGEND)
        legend.append(h("li", { class: "quiet" }, `The first ${MOST_IN_LEGEND} of ${lines.length}`));
      const named = lines.slice(0, MOST_NAMED).map(({ label, split, last, total }) => {
        const which = panel.by.includes("split") ? `${label} ${split}` : label;
        return `${which}: ${formatted(last, "number")} after ${total} points`;
      });
      describe(canvas, panel, `by ${panel.labels[panel.x]}. ${named.join("; ")}`, result);
      chart ??= createLineChart(canvas);
      chart.update({
        ...{ lines, log: panel.scale === "log", clip: false, strong: null, colorOf, ink: inks() },
        x: isTime ? "clock" : panel.x === "epoch" ? "epoch" : "step",
        xName: panel.labels[panel.x]!,
        ends: [panel.min, panel.max],
      });
    },
    dispose: () => chart?.dispose(),
  };
};

const bars: Draw<"compare" | "distribution"> = (panel, context) => {
  const canvas = chartCanvas(panel);
  const nameOf = namer(context);
  const colors = createColors();
  let chart: Chart | null = null;
  return {
    element: h("div", { class: "panel-drawn" }, canvas),
    hasTable: true,
    show(result) {
      const points = panelBars(panel, result, nameOf);
      const format = panel.kind === "compare" ? panel.format : "integer";
      const named = points.slice(0, MOST_NAMED).map(([name, value]) => `${name}: ${formatted(value, format)}`);
      describe(canvas, panel, named.join("; "), result);
      chart ??= createChart(canvas);
      const yName = panel.kind === "compare" ? panel.labels[panel.measure]! : "runs";
      const option = sqlChartOption({
        ...{ kind: "bar", xKind: "text", yName, series: [{ name: panel.title, points }] },
        ...{ colorOf: () => colors.of(panel.key, theme()), ink: inks() },
      });
      chart.setOption(option, { notMerge: true });
    },
    dispose: () => chart?.dispose(),
  };
};

const table: Draw<"table"> = (panel) => {
  const element = h("div", { class: "panel-table" });
  return {
    element,
    hasTable: false,
    show: (result) => element.replaceChildren(panelTable(panel, result)),
    dispose: nothing,
  };
};

const text: Draw<"text"> = (panel) => ({
  element: h("div", { class: "panel-text" }, ...markdown(panel.markdown)),
  hasTable: false,
  show: nothing,
  dispose: nothing,
});

/** An answer as a table, under the names that people have for its columns. */
export function panelTable({ title, labels }: Pick<PagePanel, "title" | "labels">, result: SqlResult): HTMLElement {
  const columns = result.columns.map(({ name, type }) => ({ name: labels[name] ?? name, type }));
  return sqlTable({ ...result, columns }, title);
}

function describe(canvas: HTMLElement, { title }: Pick<Panel, "title">, what: string, { rows }: SqlResult) {
  setAttribute(canvas, "aria-label", rows.length === 0 ? `${title}: nothing yet` : `${title} ${what}`);
  setAttribute(canvas, "data-rows", rows.length);
}

const DRAWINGS: { [K in Panel["kind"]]: Draw<K> } = {
  ...{ gauge, number, line, table, text },
  compare: bars as Draw<"compare">,
  distribution: bars as Draw<"distribution">,
};

export const createDrawing = (panel: PagePanel, context: PageContext): Drawing =>
  (DRAWINGS[panel.kind] as Draw<Panel["kind"]>)(panel, context);
