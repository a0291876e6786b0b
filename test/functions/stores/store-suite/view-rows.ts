import type { Value } from "../../../../functions/stores/store.ts";
import {
  bySeq,
  compare,
  digitsOf,
  iso,
  type Logged,
  lowerIsBetter,
  type Metric,
  metricsOf,
  runOf,
  summaryOf,
} from "../memory/memory-views.ts";
import type { OpenedStore } from "./subject.ts";

/**
 * The views that dashboards read: their columns and what is in them. A double is compared to the bit but for the sign
 * of an extreme that is 0, since of 0 and -0 either may be called the lowest; digits as the number they say, since
 * databases write 1e21 or 1000000000000000000000.
 */
type Kind = "text" | "double" | "extreme" | "digits" | "time" | "json";
type Columns = Readonly<Record<string, Kind>>;
export type ViewRow = Record<string, unknown>;

const METRIC: Columns = {
  ...{ run: "text", metric: "text", split: "text", level: "text", writer: "text" },
  ...{ epoch: "digits", step: "digits", seq: "digits", ts: "time" },
  ...{ value: "double", value_kind: "text", value_text: "digits" },
  lower_is_better: "text",
};

export const VIEWS: Readonly<Record<string, { columns: Columns; rows: (log: Logged[]) => ViewRow[] }>> = {
  metrics: { columns: METRIC, rows: (log) => metricsOf(log).map(metricRow) },
  latest_metrics: {
    columns: METRIC,
    rows(log) {
      const inOrder = metricsOf(log).toSorted(bySeq);
      const keyed = inOrder.map((one) => [[one.run, one.metric, one.split, one.level].join("\n"), one] as const);
      return [...new Map(keyed).values()].map(metricRow);
    },
  },
  metric_names: {
    columns: { run: "text", metric: "text", split: "text", level: "text" },
    rows: (log) => [
      ...new Map(
        metricsOf(log).map(({ run, metric, split, level }) => [
          [run, metric, split, level].join("\n"),
          { run, metric, split, level },
        ]),
      ).values(),
    ],
  },
  // Of as few points as these nothing is left out.
  metric_lines: {
    columns: {
      ...{ run: "text", metric: "text", split: "text", level: "text" },
      ...{ epoch: "digits", step: "digits", ts: "time", value: "double" },
    },
    rows: (log) => metricsOf(log).map(metricRow),
  },
  run_summary: {
    columns: {
      ...{ run: "text", metric: "text", split: "text", level: "text", points: "digits" },
      ...{ first: "double", first_text: "digits", last: "double", last_text: "digits" },
      ...{ best: "extreme", min: "extreme", max: "extreme", lower_is_better: "text" },
    },
    rows: (log) =>
      byRun(log).flatMap(({ run, rows }) =>
        summaryOf(rows).map((one) => ({
          ...one,
          run,
          first: asDouble(one.first),
          first_text: one.first,
          last: asDouble(one.last),
          last_text: one.last,
        })),
      ),
  },
  runs: {
    columns: {
      ...{ run: "text", name: "text", state: "text", started_at: "time", ended_at: "time", note: "text" },
      ...{ archived: "text", params: "json", tags: "json" },
    },
    rows: (log) => byRun(log).map(({ rows }) => ({ ...runOf(rows, Date.now()) })),
  },
  audit: {
    columns: { run: "text", kind: "text", actor: "text", ts: "time", logs: "json" },
    rows: (log) =>
      log.filter(({ actor }) => actor !== null).map((row) => ({ ...row, ts: iso(row.createdAt), logs: row.logs })),
  },
  raw_link: {
    columns: { id: "text", description: "text", created_at: "time", logs: "json", epoch: "digits" },
    rows: (log) =>
      log.map(({ run, kind, createdAt, logs, epoch }) => ({
        ...{ id: run, description: kind, created_at: iso(createdAt), logs, epoch },
      })),
  },
};

/** The rows of a view where `condition` holds, as SQL gives them, in no order that could differ. */
export async function queried({ store, dialect }: OpenedStore, view: string, condition: string): Promise<ViewRow[]> {
  const { columns } = VIEWS[view]!;
  const names = Object.keys(columns);
  const expressions = names.map((name) => (columns[name] === "time" ? dialect!.iso(name) : name));
  const { rows } = await store.sql(`SELECT ${expressions} FROM ${view} WHERE ${condition}`);
  return plain(
    columns,
    rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]]))),
  );
}

/** The rows that the model says a view of this log has. */
export function expected(view: string, log: Logged[]): ViewRow[] {
  const { columns, rows } = VIEWS[view]!;
  return plain(columns, rows(log));
}

function plain(columns: Columns, rows: ViewRow[]): ViewRow[] {
  return rows
    .map((row) => Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, cell(kind, row[name])])))
    .toSorted((a, b) => compare(JSON.stringify(Object.entries(a)), JSON.stringify(Object.entries(b))));
}

function cell(kind: Kind, value: unknown): unknown {
  if (value === null || kind === "json" || kind === "text" || kind === "time") return value;
  const text = String((value as { $num?: string }).$num ?? value);
  const double = Object.is(value, -0) ? -0 : Number(text);
  // As text, in which NaN and -0 are what they are and rows can be put in order.
  const shortest = Object.is(double, -0) ? "-0" : String(double);
  if (kind === "extreme") return String(double + 0);
  return kind === "digits" && /^-?\d+$/.test(text) && digitsOf(double) !== text ? text : shortest;
}

function metricRow({ kind, text, ts, ...one }: Metric): ViewRow {
  return { ...one, ts: iso(ts), value_kind: kind, value_text: text, lower_is_better: lowerIsBetter(one.metric) };
}

function byRun(log: Logged[]): { run: string; rows: Logged[] }[] {
  return [...new Set(log.map(({ run }) => run))].map((run) => ({ run, rows: log.filter((row) => row.run === run) }));
}

/** The double behind a value whose text may say more. */
const asDouble = (value: Value): number => Number(typeof value === "number" ? value : value.$num);
