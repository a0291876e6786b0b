import type { Level, Split, Summary } from "../../../functions/stores/store.ts";

const keyOf = (metric: string, split: Split, level: Level) => `${level}\n${split}\n${metric}`;

/** Rows are only ever added to a summary, so an index is brought up to it. */
const indexes = new WeakMap<readonly Summary[], Map<string, Summary>>();

function indexOf(summary: readonly Summary[]): ReadonlyMap<string, Summary> {
  const index = indexes.get(summary) ?? new Map<string, Summary>();
  indexes.set(summary, index);
  for (let i = index.size; i < summary.length; i++) {
    const row = summary[i]!;
    index.set(keyOf(row.metric, row.split, row.level), row);
  }
  return index;
}

/**
 * The row of a metric in a run's summary. A run may have thousands: none of them is looked through.
 */
export const summaryRow = (summary: readonly Summary[], metric: string, split: Split, level: Level) =>
  indexOf(summary).get(keyOf(metric, split, level));

/** The row of a metric by epoch, else by batch. */
export const epochRow = (summary: readonly Summary[], metric: string, split: Split): Summary | null =>
  summaryRow(summary, metric, split, "epoch") ?? summaryRow(summary, metric, split, "batch") ?? null;

const SPLITS: readonly Split[] = ["train", "validation", "test"];
const LEVELS: readonly Level[] = ["epoch", "batch"];

/** What the rows of a metric say of which value is the best; null where there are none. */
export function knownDirection(summary: readonly Summary[], metric: string): boolean | null {
  const rows = SPLITS.flatMap((split) => LEVELS.map((level) => summaryRow(summary, metric, split, level)));
  return rows.find((row) => row !== undefined)?.lower_is_better ?? null;
}
