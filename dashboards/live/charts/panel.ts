import { metricLabel } from "../data/metric-names.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import { inks, theme } from "../layout/theme.ts";
import type { ChartContext } from "../page-context.ts";
import type { Axis } from "../view.ts";
import { createArrangement } from "./arrangement.ts";
import { describeLines, lastValues, measureLines, reasonForNothing } from "./description.ts";
import { createLineChart } from "./line-chart.ts";
import { type ChartLine, linesOf, settingsOf } from "./lines.ts";

export type ChartPanel = ReturnType<typeof createChartPanel>;

/** Creates the chart of one metric with its heading and buttons. */
export function createChartPanel(context: ChartContext, metric: string) {
  const { view, feed } = context;
  const canvas = h("div", { class: "chart-canvas", role: "img", "data-testid": "line-chart", "data-metric": metric });
  const values = h("p", { class: "chart-values" });
  const empty = h("p", { class: "chart-empty quiet" });
  const log = h(
    "button",
    { class: "chip-button", title: "Logarithmic y axis", onclick: toggleLog },
    "log",
    h("span", { class: "unseen" }, ` axis for ${metric}`),
  );
  const arrangement = createArrangement(view, metric);
  const element = h(
    "article",
    { class: "chart", "data-metric": metric },
    h(
      "header",
      { class: "chart-head" },
      h("h3", { title: metric }, metricLabel(metric)),
      values,
      log,
      ...arrangement.buttons,
    ),
    h("div", { class: "chart-body" }, canvas, empty),
  );
  let chart: ReturnType<typeof createLineChart> | null = null;
  let isInSight = false;

  function toggleLog() {
    const { log } = view.get();
    view.set({ log: log.includes(metric) ? log.filter((one) => one !== metric) : [...log, metric] });
  }

  function update() {
    const { groupBy, clip, log: logarithmic } = view.get();
    arrangement.update(element);
    const isLog = logarithmic.includes(metric);
    const axis = context.axis();
    const focus = context.focus()?.run ?? null;
    const lines = linesOf(metric, context.shown(), feed.series, settingsOf(view.get(), axis));
    if (groupBy !== null) context.colors.together([...new Set(lines.map((line) => line.owner))]);
    setAttribute(log, "aria-pressed", String(isLog));
    setAttribute(canvas, "aria-label", describeLines(metric, axis, lines, lines.length > 0 || feed.isLoaded(metric)));
    for (const [name, number] of Object.entries(measureLines(lines, focus))) {
      setAttribute(canvas, `data-${name}`, number);
    }
    setText(values, lastValues(lines, focus));
    updateEmpty(lines, axis, isLog);
    if (!isInSight) return;
    chart ??= createLineChart(canvas);
    chart.update({
      lines,
      x: axis,
      log: isLog,
      clip,
      strong: groupBy === null && context.shown().length > 1 ? focus : null,
      colorOf: (hue) => context.colors.of(hue, theme()),
      ink: inks(),
    });
  }

  /** Says why nothing is drawn, where nothing is. */
  function updateEmpty(lines: readonly ChartLine[], axis: Axis, isLog: boolean) {
    const isWaiting = lines.length === 0 && !feed.isLoaded(metric);
    const reason = isWaiting ? "Loading …" : reasonForNothing(lines, axis, isLog, view.get().groupBy);
    const text = feed.refusalOf(metric) ?? reason;
    empty.hidden = text === null;
    canvas.classList.toggle("blank", text !== null);
    setText(empty, text ?? "");
  }

  return {
    element,
    update,
    isInSight: () => isInSight,
    /** Only what is in sight is drawn. */
    setInSight(value: boolean) {
      isInSight = value;
    },
    dispose: () => chart?.dispose(),
  };
}
