import type { RunWithSummary, Split, Summary } from "../../../functions/stores/store.ts";
import { orderMetrics, splitLabel } from "../data/metric-names.ts";
import { remembered } from "../data/remembered.ts";

export interface MetricColumn {
  metric: string;
  split: Split;
  label: string;
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
  const splits = new Map<string, Set<Split>>();
  for (const summary of summaries) {
    for (const { metric, split, level } of summary) {
      if (level !== "epoch") continue;
      const known = splits.get(metric);
      if (known) known.add(split);
      else splits.set(metric, new Set([split]));
    }
  }
  return orderMetrics(splits.keys()).flatMap((metric) =>
    SPLITS.filter((split) => splits.get(metric)!.has(split)).map((split) => ({
      metric,
      split,
      label: splitLabel(metric, split),
    })),
  );
}
