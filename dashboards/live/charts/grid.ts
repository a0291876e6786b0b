import { metricLabel } from "../data/metric-names.ts";
import { h, keyed, setText } from "../layout/element.ts";
import type { ChartContext } from "../page-context.ts";
import { metricsOf, pinnedFirst } from "../runs/selection.ts";
import { createLegend } from "./legend.ts";
import { type ChartPanel, createChartPanel } from "./panel.ts";

/** Charts shown at first, and with every "Show more". */
const PAGE = 12;
/** Metrics whose series are kept: those in sight, and what was in sight before. */
const MOST_LOADED = 24;
/** Charts are loaded when they have stayed in sight for so long. */
const SIGHT_MS = 150;
/** Charts so close to the window's edge count as in sight. */
const MARGIN = "200px";

const NO_RUN = "No run is chosen. Tick one in the list to see its charts.";

/** Creates one chart per metric of the runs that are shown. */
export function createChartGrid(context: ChartContext) {
  const { view } = context;
  const panels = new Map<string, ChartPanel>();
  const legend = createLegend(context);
  const filter = h("input", {
    type: "search",
    class: "field metrics-filter",
    placeholder: "Filter charts",
    "aria-label": "Filter charts by metric",
    oninput: () => view.set({ metrics: filter.value }),
  });
  const nothing = h("p", { class: "quiet" }, NO_RUN);
  const gone = createGonePins(context);
  const grid = h("div", { class: "charts", "data-testid": "charts" });
  const more = h("button", { class: "button wide", onclick: showMore }, "");
  const element = h(
    "section",
    { "aria-labelledby": "charts-title" },
    h("h2", { id: "charts-title", class: "unseen" }, "Charts"),
    h("div", { class: "legend-row" }, legend.element, filter),
    nothing,
    gone.element,
    grid,
    more,
  );
  let limit = PAGE;
  const seen = new Set<string>();
  let looking: ReturnType<typeof setTimeout> | undefined;

  const sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const metric = (target as HTMLElement).dataset.metric!;
        panels.get(metric)?.setInSight(isIntersecting);
        if (!isIntersecting) continue;
        seen.delete(metric);
        seen.add(metric);
      }
      if (!entries.some((entry) => entry.isIntersecting)) return;
      clearTimeout(looking);
      looking = setTimeout(context.changed, SIGHT_MS);
      update();
    },
    { rootMargin: MARGIN },
  );

  function showMore() {
    limit += PAGE;
    context.changed();
  }

  const matching = () => {
    const needle = view.get().metrics.trim().toLowerCase();
    const metrics = pinnedFirst(metricsOf(context.shown()), view.get().pins);
    return metrics.filter((metric) => metric.toLowerCase().includes(needle));
  };

  function update() {
    const all = matching();
    const wanted = all.slice(0, limit);
    grid.classList.toggle("few", wanted.length <= 2);
    gone.update();
    nothing.hidden = context.shown().length > 0;
    more.hidden = all.length <= limit;
    setText(more, more.hidden ? "" : `Show ${Math.min(PAGE, all.length - limit)} more of ${all.length} charts`);
    for (const [metric, panel] of panels) {
      if (wanted.includes(metric)) continue;
      panel.dispose();
      panels.delete(metric);
    }
    keyed(
      grid,
      wanted,
      (metric) => metric,
      createPanel,
      (_element, metric) => panels.get(metric)!.update(),
    );
    legend.update(all);
    if (document.activeElement !== filter) filter.value = view.get().metrics;
  }

  function createPanel(metric: string): HTMLElement {
    const panel = createChartPanel(context, metric);
    panels.set(metric, panel);
    sight.observe(panel.element);
    return panel.element;
  }

  function dispose() {
    clearTimeout(looking);
    sight.disconnect();
    for (const panel of panels.values()) panel.dispose();
  }

  /** The metrics whose series the charts need. */
  function wanted(): string[] {
    const shown = matching().slice(0, limit);
    const inSight = shown.filter((metric) => panels.get(metric)?.isInSight());
    return mostWanted(shown, inSight, seen);
  }

  return { element, update, dispose, wanted };
}

/** Creates the line that says which pinned charts none of the runs shown has. */
function createGonePins({ view, shown }: ChartContext) {
  const text = h("span", {});
  const unpin = h("button", { class: "link", onclick: () => view.set({ pins: still() }) }, "Unpin");
  const element = h("p", { class: "quiet gone-pins", "data-testid": "gone-pins" }, text, " ", unpin);
  const still = () => view.get().pins.filter((pin) => metricsOf(shown()).includes(pin));

  return {
    element,
    update() {
      const there = still();
      const missing = view.get().pins.filter((pin) => !there.includes(pin));
      element.hidden = missing.length === 0 || shown().length === 0;
      setText(text, `Pinned, but in none of these runs: ${missing.map(metricLabel).join(", ")}.`);
    },
  };
}

/** All charts where there are few; else those in sight, and as many that were in sight last. */
export function mostWanted(shown: readonly string[], inSight: readonly string[], seen: Iterable<string>): string[] {
  if (shown.length <= MOST_LOADED) return [...shown];
  const before = [...seen].reverse().filter((metric) => shown.includes(metric));
  const kept = new Set([...inSight, ...before, ...shown].slice(0, Math.max(MOST_LOADED, inSight.length)));
  return shown.filter((metric) => kept.has(metric));
}
