import { sqlFiles } from "./sql-files.ts";

/**
 * A custom metric is one SELECT over the typed views, in a file of `dashboards/metrics/` that becomes a view of its name.
 * A file of the same name in a dialect's folder stands in for it there.
 */
export interface CustomMetric {
  /** The file's and the view's name. */
  name: string;
  /** Where a mistake in it is to be looked for. */
  file: string;
  sql: string;
}

export type Dialect = "postgres" | "snowflake" | "bigquery";

const neutral = sqlFiles(new URL("../../dashboards/metrics/", import.meta.url));
const overrides: Record<Dialect, Record<string, string>> = {
  postgres: {},
  snowflake: sqlFiles(new URL("../../dashboards/metrics/snowflake/", import.meta.url)),
  bigquery: sqlFiles(new URL("../../dashboards/metrics/bigquery/", import.meta.url)),
};

export function customMetrics(dialect: Dialect): CustomMetric[] {
  const own = overrides[dialect];
  return Object.keys({ ...neutral, ...own })
    .sort()
    .map((name) => ({
      name,
      file: name in own ? `dashboards/metrics/${dialect}/${name}.sql` : `dashboards/metrics/${name}.sql`,
      sql: (own[name] ?? neutral[name]) as string,
    }));
}

/** The columns that the view of a custom metric has, in any order. `metric` names it, and what it was worked out from. */
export const CUSTOM_COLUMNS = [
  "project",
  "run",
  "metric",
  "split",
  "level",
  "writer",
  "epoch",
  "step",
  "seq",
  "ts",
  "value",
] as const;

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

/** Whether a name can be a view's in every dialect, without quotes. */
export const isViewName = (name: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(name);

/** All custom metrics in one view, so that a dashboard charts them like any other. */
export function unionOf(views: readonly string[]): string {
  const columns = CUSTOM_COLUMNS.join(", ");
  if (views.length === 0) return `SELECT ${columns} FROM metrics WHERE 1 = 0`;
  return views.map((view) => `SELECT ${columns} FROM ${view}`).join("\nUNION ALL\n");
}
