import { sqlFiles } from "./sql-files.ts";

/**
 * A custom metric is one SELECT over the typed views, in a file of `dashboards/metrics/` that
 * becomes a view of its name. `seconds_between(from, to)` of two columns is worded as each database
 * has it.
 */
export interface CustomMetric {
  /** The file's and the view's name. */
  name: string;
  /** Where a mistake in it is to be looked for. */
  file: string;
  sql: string;
}

const FOLDER = "dashboards/metrics/";
const files = sqlFiles(new URL("../../dashboards/metrics/", import.meta.url));

/** Says in SQL how many seconds lie between two columns of time, with fractions. */
export type SecondsBetween = (from: string, to: string) => string;

const standard: SecondsBetween = (from, to) => `CAST(EXTRACT(EPOCH FROM (${to} - ${from})) AS DOUBLE PRECISION)`;

/**
 * Lists the custom metrics that ship.
 * @param secondsBetween as the database words it; by default as standard SQL does
 */
export function customMetrics(secondsBetween: SecondsBetween = standard): CustomMetric[] {
  return Object.keys(files)
    .sort()
    .map((name) => ({
      name,
      file: `${FOLDER}${name}.sql`,
      sql: (files[name] as string)
        // Some take it where the text is part of a statement, others do not.
        .replace(/;\s*$/, "\n")
        .replace(/\bseconds_between\(([\w.]+), ([\w.]+)\)/g, (_, from, to) => secondsBetween(from, to)),
    }));
}

/** Each after those that its text names, so that one may be made of another. */
export function inOrder(metrics: readonly CustomMetric[]): CustomMetric[] {
  const seen = new Set<CustomMetric>();
  const ordered: CustomMetric[] = [];
  const visit = (metric: CustomMetric) => {
    if (seen.has(metric)) return;
    seen.add(metric);
    const words = new Set(metric.sql.replace(/--.*$/gm, "").toLowerCase().match(/\w+/g));
    for (const other of metrics) if (words.has(other.name)) visit(other);
    ordered.push(metric);
  };
  for (const metric of metrics) visit(metric);
  return ordered;
}

export type ColumnKind = "text" | "number" | "time";

/**
 * The columns that the view of a custom metric has, in any order. `metric` names it, and what it
 * was worked out from.
 */
export const CUSTOM_COLUMNS: Readonly<Record<string, ColumnKind>> = {
  project: "text",
  run: "text",
  metric: "text",
  split: "text",
  level: "text",
  writer: "text",
  epoch: "number",
  step: "number",
  seq: "number",
  ts: "time",
  value: "number",
};
export const CUSTOM_COLUMN_LIST = Object.keys(CUSTOM_COLUMNS).join(", ");

/** A custom metric that the database refused; the others are there. */
export interface MetricMistake {
  file: string;
  /** Counted from 1; null where the database does not say. */
  line: number | null;
  message: string;
}

export function mistakeText({ file, line, message }: MetricMistake): string {
  return `${file}${line === null ? "" : `:${line}`}: ${message}`;
}

/** Reserved in one of the dialects, so that no view can have the name without quotes. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc assert_rows_modified asymmetric at authorization between binary both by case
  cast check collate collation column concurrently connect constraint contains create cross cube current current_catalog
  current_date current_role current_schema current_time current_timestamp current_user default deferrable define delete
  desc distinct do drop else end enum escape except exclude exists extract false fetch following for foreign freeze from
  full grant group grouping groups hash having if ignore ilike in increment initially inner insert intersect interval into
  is isnull join lateral leading left like limit localtime localtimestamp lookup merge minus natural new no not notnull
  null nulls of offset on only or order outer over overlaps partition placing preceding primary proto qualify range
  recursive references regexp respect returning revoke right rlike rollup row rows sample select session_user set similar
  some start struct symmetric system_user table tablesample then to trailing treat trigger true try_cast unbounded union
  unique unnest update user using values variadic verbose when whenever where window with within`.split(/\s+/),
);

/** Why no view can have this name, in every dialect and without quotes; null where one can. */
export function nameProblem(name: string, isTaken: boolean): string | null {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    return "The file's name can be no view's: use a-z, 0-9 and _, beginning with a letter.";
  if (RESERVED.has(name)) return "The file's name is a reserved word of SQL: name it otherwise.";
  return isTaken || name === "custom_metrics" ? `There is a ${name} already that is no custom metric.` : null;
}

/** All custom metrics in one view, so that a dashboard charts them like any other. */
export function unionOf(views: readonly string[]): string {
  if (views.length === 0) return `SELECT ${CUSTOM_COLUMN_LIST} FROM metrics WHERE 1 = 0`;
  return views.map((view) => `SELECT ${CUSTOM_COLUMN_LIST} FROM ${view}`).join("\nUNION ALL\n");
}
