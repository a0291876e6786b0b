import type { RunWithSummary, Split, Summary } from "../../../functions/stores/store.ts";
import { judgedLow, orderMetrics, splitLabel } from "../data/metric-names.ts";
import { remembered } from "../data/remembered.ts";

export interface MetricColumn {
  metric: string;
  split: Split;
  label: string;
  /** Whether the lowest value is the best one; null where nobody can say. */
  lowFirst: boolean | null;
}

const SPLITS: readonly Split[] = ["train", "validation", "test"];

/**
 * Every metric and split that one of the runs has per epoch, accuracy and loss first. The list
 * stays the same object for as long as no run has a row more.
 */
export const createMetricColumns = () =>
  remembered(
    (runs: readonly RunWithSummary[]) => runs.flatMap(({ summary }) => [summary, summary.length]),
    (runs) => columnsIn(runs.map(({ summary }) => summary)),
  );

const ofRun = new WeakMap<readonly Summary[], { rows: number; columns: readonly MetricColumn[] }>();

/** The columns of one run. */
export function columnsOfRun({ summary }: RunWithSummary): readonly MetricColumn[] {
  const known = ofRun.get(summary);
  if (known?.rows === summary.length) return known.columns;
  const columns = columnsIn([summary]);
  ofRun.set(summary, { rows: summary.length, columns });
  return columns;
}

function columnsIn(summaries: readonly (readonly Summary[])[]): readonly MetricColumn[] {
  const metrics = new Map<string, { splits: Set<Split>; lowFirst: boolean | null }>();
  for (const summary of summaries) {
    for (const { metric, split, level, lower_is_better } of summary) {
      if (level !== "epoch") continue;
      const known = metrics.get(metric);
      if (known) known.splits.add(split);
      else metrics.set(metric, { splits: new Set([split]), lowFirst: judgedLow(metric, lower_is_better) });
    }
  }
  return orderMetrics(metrics.keys()).flatMap((metric) => {
    const { splits, lowFirst } = metrics.get(metric)!;
    return SPLITS.filter((split) => splits.has(split)).map((split) => ({
      metric,
      split,
      label: splitLabel(metric, split),
      lowFirst,
    }));
  });
}
