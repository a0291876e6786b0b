import type { RunWithSummary, Value } from "../../../functions/stores/store.ts";
import { lowerIsBetter } from "../data/metric-names.ts";
import { formatAgo, formatAny, formatDuration, formatValue } from "../layout/format.ts";
import type { MetricColumn } from "./metric-columns.ts";
import { columnValue } from "./order.ts";

/** A column of the table of runs. */
export interface Column {
  key: string;
  label: string;
  isNumeric: boolean;
  /** Whether the first click on the heading puts the high values first. */
  highFirst: boolean;
  show(run: RunWithSummary): string;
}

const plain = (key: string, label: string, show: Column["show"], highFirst = false): Column => ({
  key,
  label,
  show,
  highFirst,
  isNumeric: false,
});

const START: readonly Column[] = [
  plain("name", "Name", (run) => run.name),
  plain("state", "State", (run) => run.state),
  plain("started_at", "Started", (run) => formatAgo(run.started_at), true),
  {
    ...plain("duration", "Duration", (run) => formatDuration(columnValue(run, "duration") as number), true),
    isNumeric: true,
  },
];

/** Every metric of `metrics` and every param that one of the runs has is a column. */
export function columnsOf(runs: readonly RunWithSummary[], metrics: readonly MetricColumn[]): Column[] {
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort((a, b) => a.localeCompare(b));
  return [
    ...START,
    ...metrics.flatMap((column) => [
      ...(column.lowFirst !== null ? [metricColumn(column, "best")] : []),
      metricColumn(column, "last"),
    ]),
    ...params.map((name) => paramColumn(runs, name)),
    plain("note", "Note", (run) => run.note ?? ""),
  ];
}

function metricColumn({ metric, split, label, lowFirst }: MetricColumn, which: "best" | "last"): Column {
  const key = `${which}:${split}:${metric}`;
  return {
    key,
    label: `${label}, ${which}`,
    isNumeric: true,
    highFirst: !(lowFirst ?? lowerIsBetter(metric)),
    show: (run) => formatValue(columnValue(run, key) as Value | null),
  };
}

function paramColumn(runs: readonly RunWithSummary[], name: string): Column {
  const isNumeric = runs.every((run) => run.params[name] === undefined || typeof run.params[name] === "number");
  return { key: `param:${name}`, label: name, isNumeric, highFirst: false, show: (run) => formatAny(run.params[name]) };
}

/** The best value of a column of best values; nothing else has one. */
export function topOf(runs: readonly RunWithSummary[], { key, highFirst }: Column): unknown {
  if (!key.startsWith("best:") || runs.length < 2) return undefined;
  const values = runs.flatMap((run) => (columnValue(run, key) as number | null | undefined) ?? []);
  return highFirst ? Math.max(...values) : Math.min(...values);
}
