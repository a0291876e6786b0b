import type { Context } from "../context.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { icon } from "../layout/icon.ts";
import { inks, theme } from "../layout/theme.ts";
import { formatNumber } from "../layout/values.ts";
import { metricsOf } from "../runs/selection.ts";
import { type ChartLine, linesOf } from "./chart-lines.ts";
import { createLineChart } from "./line-chart.ts";

/** Charts shown before "Show more" is pressed. */
const FIRST = 12;

interface Panel {
  chart: ReturnType<typeof createLineChart> | null;
  canvas: HTMLElement;
  values: HTMLElement;
  log: HTMLElement;
  expand: HTMLElement;
  none: HTMLElement;
  visible: boolean;
}

/** One chart per metric; only those in sight are drawn. */
export function createChartGrid(context: Context) {
  const { view, feed } = context;
  const panels = new Map<string, Panel>();
  const grid = h("div", { class: "charts", "data-testid": "charts" });
  const more = h("button", { class: "button wide", onclick: showMore }, "");
  const legend = h("ul", { class: "legend", "aria-label": "Legend", "data-testid": "legend" });
  const metrics = h("input", {
    type: "search",
    class: "field metrics-filter",
    placeholder: "Filter charts",
    "aria-label": "Filter charts by metric",
    oninput: () => view.set({ metrics: metrics.value }),
  });
  const nothing = h("p", { class: "quiet" }, "No run is chosen. Tick one in the list to see its charts.");
  const element = h(
    "section",
    { "aria-labelledby": "charts-title" },
    h("h2", { id: "charts-title", class: "unseen" }, "Charts"),
    h("div", { class: "legend-row" }, legend, metrics),
    nothing,
    grid,
    more,
  );
  let limit = FIRST;

  const sight = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const panel = panels.get((entry.target as HTMLElement).dataset.metric!);
        if (panel) panel.visible = entry.isIntersecting;
      }
      if (entries.some((entry) => entry.isIntersecting)) update();
    },
    { rootMargin: "200px" },
  );

  function showMore() {
    limit += FIRST;
    update();
  }

  const matching = () => {
    const needle = view.get().metrics.trim().toLowerCase();
    return metricsOf(context.shown()).filter((metric) => metric.toLowerCase().includes(needle));
  };

  function update() {
    const all = matching();
    const wanted = all.slice(0, limit);
    grid.classList.toggle("few", wanted.length <= 2);
    nothing.hidden = context.shown().length > 0;
    more.hidden = all.length <= limit;
    setText(more, `Show ${Math.min(FIRST, all.length - limit)} more of ${all.length} charts`);
    for (const [metric, panel] of panels) {
      if (wanted.includes(metric)) continue;
      panel.chart?.dispose();
      panels.delete(metric);
    }
    keyed(
      grid,
      wanted,
      (metric) => metric,
      createPanel,
      (_element, metric) => updatePanel(metric),
    );
    updateLegend();
    if (document.activeElement !== metrics) metrics.value = view.get().metrics;
  }

  const ownersOf = (groupBy: string | null, metrics: readonly string[]): [owner: string, label: string][] => {
    if (groupBy === null) return context.shown().map((run) => [run.run, run.name]);
    const lines = metrics.flatMap((metric) => linesOf(metric, context.shown(), feed.series, settings()));
    return [...new Map(lines.map((line) => [line.owner, line.label]))];
  };

  function updateLegend() {
    const { groupBy, splits } = view.get();
    const owners = ownersOf(groupBy, matching().slice(0, 2));
    if (groupBy !== null) context.colors.together(owners.map(([owner]) => owner));
    // Groups are no buttons: without a stop of its own, what the legend scrolls past could not be reached by keys.
    setAttribute(legend, "tabindex", groupBy === null ? null : 0);
    const shown = context.shown();
    const has = (split: string) => shown.some((run) => run.summary.some((row) => row.split === split));
    const styles = (["train", "validation", "test"] as const).filter(
      (split) => has(split) && (splits === "all" || (splits === "train") === (split === "train")),
    );
    const focus = context.focus()?.run;
    const items: [string, string, string | null][] = [
      ...owners.map(([owner, label]): [string, string, string | null] => [
        owner,
        label,
        context.colors.of(owner, theme()),
      ]),
      ...styles.map((split): [string, string, string | null] => [`split ${split}`, split, null]),
    ];
    keyed(
      legend,
      items,
      ([key]) => key,
      ([key, , color]) => {
        const split = color === null ? key.slice("split ".length) : "train";
        const sample = h("span", { class: `line-sample ${split}` });
        const text = h("span", { class: "legend-text" });
        const isRun = color !== null && groupBy === null;
        return h(
          "li",
          { class: color === null ? "split" : "owner" },
          isRun ? h("button", { onclick: () => view.set({ focus: key }) }, sample, text) : h("span", {}, sample, text),
        );
      },
      (item, [key, label, color]) => {
        item.style.color = color ?? "";
        setText(item.querySelector(".legend-text")!, label);
        const button = item.querySelector("button");
        if (button) setAttribute(button, "aria-pressed", String(key === focus));
      },
    );
  }

  function createPanel(metric: string): HTMLElement {
    const canvas = h("div", { class: "chart-canvas", role: "img", "data-testid": "line-chart", "data-metric": metric });
    const values = h("p", { class: "chart-values" });
    const none = h("p", { class: "chart-none quiet" });
    const log = h(
      "button",
      { class: "chip-button", title: "Logarithmic y axis", onclick: () => toggleLog(metric) },
      "log",
      h("span", { class: "unseen" }, ` axis for ${metric}`),
    );
    const expand = h(
      "button",
      { class: "icon-button", "aria-label": `Enlarge ${metric}`, title: "Enlarge", onclick: () => toggleSize(metric) },
      icon("expand"),
    );
    const panel = { chart: null, canvas, values, log, expand, none, visible: false };
    panels.set(metric, panel);
    const element = h(
      "article",
      { class: "chart", "data-metric": metric },
      h("header", { class: "chart-head" }, h("h3", {}, metric), values, log, expand),
      h("div", { class: "chart-body" }, canvas, none),
    );
    sight.observe(element);
    return element;
  }

  function toggleLog(metric: string) {
    const { log } = view.get();
    view.set({ log: log.includes(metric) ? log.filter((one) => one !== metric) : [...log, metric] });
  }

  function toggleSize(metric: string) {
    const panel = panels.get(metric)!;
    const large = panel.canvas.closest(".chart")!.classList.toggle("large");
    panel.expand.replaceChildren(icon(large ? "shrink" : "expand"));
    setAttribute(panel.expand, "aria-label", `${large ? "Shrink" : "Enlarge"} ${metric}`);
  }

  const settings = () => {
    const { smoothing, splits, groupBy, band } = view.get();
    return { x: context.axis(), smoothing, splits, groupBy, band };
  };

  function updatePanel(metric: string) {
    const panel = panels.get(metric)!;
    const log = view.get().log.includes(metric);
    setAttribute(panel.log, "aria-pressed", String(log));
    const lines = linesOf(metric, context.shown(), feed.series, settings());
    const { groupBy, clip } = view.get();
    if (groupBy !== null) context.colors.together([...new Set(lines.map((line) => line.owner))]);
    const focus = context.focus();
    describe(panel, metric, lines, focus?.run ?? null);
    if (!panel.visible) return;
    panel.chart ??= createLineChart(panel.canvas);
    panel.chart.update({
      lines,
      x: context.axis(),
      log,
      clip,
      strong: groupBy === null && context.shown().length > 1 ? (focus?.run ?? null) : null,
      colorOf: (owner) => context.colors.of(owner, theme()),
      ink: inks(),
    });
  }

  /** The chart in words, and in numbers for tests and scripts. */
  function describe(panel: Panel, metric: string, lines: readonly ChartLine[], focus: string | null) {
    const points = lines.reduce((sum, line) => sum + line.total, 0);
    const notFinite = lines.reduce((sum, line) => sum + line.marks.length, 0);
    const said = lines.slice(0, 12).map((line) => {
      const gone = line.marks.length > 0 ? `, ${line.marks.length} not finite` : "";
      return `${line.label} ${line.split}: ${line.last === null ? "no value" : formatNumber(line.last)} after ${line.total} points${gone}`;
    });
    const label =
      lines.length === 0
        ? `${metric}: no values on this axis yet`
        : `${metric} by ${context.axis()}. ${said.join("; ")}`;
    setAttribute(panel.canvas, "aria-label", label);
    setAttribute(panel.canvas, "data-points", points);
    setAttribute(panel.canvas, "data-lines", lines.length);
    setAttribute(panel.canvas, "data-not-finite", notFinite);
    const mine = lines.filter((line) => line.owner === focus);
    const last = (mine.find((line) => line.split === "train") ?? mine[0] ?? lines[0])?.last ?? null;
    setAttribute(panel.canvas, "data-last", last);
    const few = mine.length > 0 ? mine : lines.length <= 2 ? lines : [];
    const text = few
      .map(
        (line) =>
          `${line.split === "train" ? "" : `${line.split === "validation" ? "val" : "test"} `}${line.last === null ? "–" : formatNumber(line.last)}`,
      )
      .join("  ·  ");
    const gone = few.reduce((sum, line) => sum + line.marks.length, 0);
    setText(panel.values, gone > 0 ? `${text}  ·  ${gone} not finite` : text);
    panel.none.hidden = lines.length > 0 || feed.isLoading();
    setText(panel.none, `No values by ${context.axis() === "clock" ? "time" : context.axis()} yet.`);
  }

  function dispose() {
    sight.disconnect();
    for (const panel of panels.values()) panel.chart?.dispose();
  }

  /** The metrics whose series the charts need. */
  const wanted = () => matching().slice(0, limit);

  return { element, update, dispose, wanted };
}
