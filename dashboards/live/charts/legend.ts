import type { Split } from "../../../functions/stores/store.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { theme } from "../layout/theme.ts";
import type { ChartContext } from "../page-context.ts";
import { linesOf, settingsOf, shownSplits, writersOf } from "./lines.ts";

/** A run, a writer of it or a group with its colour; without one, the style of a split. */
interface Entry {
  key: string;
  /** The run that a press chooses. */
  run?: string;
  label: string;
  color: string | null;
  split: Split;
}

/** Creates the legend of all charts: what has which colour, and which line is which split. */
export function createLegend(context: ChartContext) {
  const { view, feed } = context;
  const element = h("ul", { class: "legend", "aria-label": "Legend", "data-testid": "legend" });

  /** Runs and the writers of those with several, or the groups that some of the charts show. */
  function ownersIn(metrics: readonly string[]): [hue: string, label: string, run?: string][] {
    if (view.get().groupBy === null)
      return context.shown().flatMap((run): [string, string, string][] => {
        const writers = writersOf(feed.series, run);
        if (writers.length === 0) return [[run.run, run.name, run.run]];
        return writers.map(({ hue, label }) => [hue, label, run.run]);
      });
    const settings = settingsOf(view.get(), context.axis());
    const lines = metrics.flatMap((metric) => linesOf(metric, context.shown(), feed.series, settings));
    return [...new Map(lines.map((line) => [line.owner, line.label]))];
  }

  function update(metrics: readonly string[]) {
    const { groupBy, splits } = view.get();
    const owners = ownersIn(metrics.slice(0, 2));
    if (groupBy !== null) context.colors.together(owners.map(([owner]) => owner));
    // Groups are no buttons: without a stop of its own, what the legend scrolls past could not be
    // reached by keys.
    setAttribute(element, "tabindex", groupBy === null ? null : 0);
    const has = (split: Split) => context.shown().some((run) => run.summary.some((row) => row.split === split));
    const entries: Entry[] = [
      ...owners.map(([key, label, run]) => ({
        ...{ key, label, ...(run === undefined ? {} : { run }) },
        color: context.colors.of(key, theme()),
        split: "train" as const,
      })),
      ...shownSplits(splits)
        .filter(has)
        .map((split) => ({ key: `split ${split}`, label: split, color: null, split })),
    ];
    const without =
      groupBy === null ? 0 : context.shown().filter(({ params }) => (params[groupBy] ?? null) === null).length;
    if (without > 0) {
      const label = `${without} ${without === 1 ? "run" : "runs"} without ${groupBy}, not drawn`;
      entries.push({ key: "without", label, color: null, split: "train" });
    }
    const focus = context.focus()?.run;
    keyed(
      element,
      entries,
      ({ key }) => key,
      createEntry,
      (item, { run, label, color }) => {
        item.style.color = color ?? "";
        setText(item.querySelector(".legend-text")!, label);
        const button = item.querySelector("button");
        if (button) setAttribute(button, "aria-pressed", String(run === focus));
      },
    );
  }

  function createEntry({ key, run, color, split }: Entry): HTMLElement {
    const sample = key === "without" ? null : h("span", { class: `line-sample ${split}` });
    const text = h("span", { class: "legend-text" });
    return h(
      "li",
      { class: color === null ? "split" : "owner" },
      run !== undefined
        ? h("button", { onclick: () => view.set({ focus: run }) }, sample, text)
        : h("span", {}, sample, text),
    );
  }

  return { element, update };
}
