import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { orderMetrics } from "../data/metric-names.ts";
import type { Axis, View } from "../view.ts";

/** Runs drawn together at the most. */
export const MOST_RUNS = 50;

/**
 * The run that began last, archived ones aside: what is shown when nothing was chosen. One that
 * says it trains may be long dead, so that the newest comes before it.
 */
export function newestRun(runs: Iterable<RunWithSummary>): RunWithSummary | null {
  let newest: RunWithSummary | null = null;
  for (const run of runs) {
    if (!run.archived && (newest === null || Date.parse(run.started_at) > Date.parse(newest.started_at))) newest = run;
  }
  return newest;
}

/** The runs in the charts, as far as they are known. */
export function shownRuns(view: Pick<View, "runs">, runs: ReadonlyMap<string, RunWithSummary>): RunWithSummary[] {
  if (view.runs === null) {
    const newest = newestRun(runs.values());
    return newest ? [newest] : [];
  }
  return view.runs.flatMap((run) => runs.get(run) ?? []).slice(0, MOST_RUNS);
}

/** The run in the gauges: the one chosen, else the newest of those shown. */
export function focusRun(view: Pick<View, "focus">, shown: readonly RunWithSummary[]): RunWithSummary | null {
  return shown.find((run) => run.run === view.focus) ?? newestRun(shown) ?? shown[0] ?? null;
}

/** Those that are pinned first, in the pins' order. */
export const pinnedFirst = (metrics: readonly string[], pins: readonly string[]): string[] => [
  ...pins.filter((pin) => metrics.includes(pin)),
  ...metrics.filter((metric) => !pins.includes(metric)),
];

/** The pins with one of them a place further towards the front, or the back. */
export function movedPin(pins: readonly string[], metric: string, by: -1 | 1): string[] {
  const from = pins.indexOf(metric);
  const to = from + by;
  if (from < 0 || to < 0 || to >= pins.length) return [...pins];
  const others = pins.filter((pin) => pin !== metric);
  return [...others.slice(0, to), metric, ...others.slice(to)];
}

export const metricsOf = (runs: readonly RunWithSummary[]): string[] =>
  orderMetrics(runs.flatMap((run) => run.summary.map((row) => row.metric)));

/**
 * The axes to try, in this order: by epoch as soon as a run has two; before that by step, if there
 * are values by batch. A client need not say epoch or step, but everything has a time.
 */
export function axesFor(runs: readonly RunWithSummary[]): Axis[] {
  const rows = runs.flatMap((run) => run.summary);
  const byStep =
    rows.some(({ level }) => level === "batch") && !rows.some((row) => row.level === "epoch" && row.points > 1);
  return byStep ? ["step", "epoch", "time"] : ["epoch", "step", "time"];
}

/**
 * Params that are not the same in all of these runs: what they can be grouped by, and what tells
 * them apart.
 */
export function varyingParams(runs: readonly RunWithSummary[]): string[] {
  const names = new Set(runs.flatMap((run) => Object.keys(run.params)));
  return [...names]
    .filter((name) => new Set(runs.map((run) => JSON.stringify(run.params[name]))).size > 1)
    .sort((a, b) => a.localeCompare(b));
}
