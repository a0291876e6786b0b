/** What a panel shows, asked of PostgreSQL itself: written down beside the compiler, not made by it. */
import { type DashboardSpec, type DataPanel, type Measure, sqlIn, type Where } from "../../../dashboards/spec.ts";

export function panelSql(panel: DataPanel, { datasets }: DashboardSpec): string {
  const dataset = datasets[panel.dataset]!;
  const expression = (name: string) => {
    const column = dataset.columns.find((one) => one.name === name)!;
    return column.sql === undefined ? `d.${name}` : `(${sqlIn(column.sql, "postgres")})`;
  };
  // Lines are those of the view of all points, as long as they are short.
  const view = dataset.view === "metric_lines" ? "metrics" : dataset.view;
  const from = dataset.sql === undefined ? view : `(${sqlIn(dataset.sql, "postgres")})`;
  const rest = `FROM ${from} AS d WHERE ${condition(panel.where, expression)}`;
  const shown = (names: string[]) => names.map((name) => `${expression(name)} AS ${name}`).join(", ");
  const measured = (name: string) => {
    const measure = dataset.measures.find((one) => one.name === name) as Measure;
    return `${sqlIn(measure.sql, "postgres")} AS ${name}`;
  };
  const grouped = (by: string[], measure: string) =>
    `SELECT ${shown(by)}, ${measured(measure)} ${rest} GROUP BY ${by.map(expression).join(", ")}`;
  switch (panel.kind) {
    case "gauge":
      return `SELECT ${measured(panel.measure)} ${rest} HAVING COUNT(*) > 0`;
    case "number":
      return `SELECT ${measured(panel.measure)} ${rest}`;
    case "line":
      return grouped([panel.x, ...panel.by], panel.measure);
    case "compare":
      return grouped([panel.by], panel.measure);
    case "table":
      return `SELECT ${shown(panel.columns)} ${rest}`;
    case "distribution":
      return `SELECT ${shown([panel.column])} ${rest}`;
  }
}

function condition(where: Where, expression: (name: string) => string): string {
  const literal = (value: unknown) => (typeof value === "string" ? `'${value}'` : String(value));
  const parts = Object.entries(where).map(([name, value]) =>
    Array.isArray(value)
      ? `${expression(name)} IN (${value.map(literal).join(", ")})`
      : `${expression(name)} = ${literal(value)}`,
  );
  return parts.length === 0 ? "true" : parts.join(" AND ");
}

/** Rows in no order, as both sides can say them: Superset's JSON has null for what is no finite number. */
export function comparable(rows: Record<string, unknown>[]): string[] {
  const plain = (value: unknown): unknown => {
    if (value instanceof Date) return value.getTime();
    if (typeof value === "number" && !Number.isFinite(value)) return null;
    // A time in ms, with µs behind the point.
    if (typeof value === "number" && value > 1e12) return Math.floor(value);
    if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
    return value;
  };
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .toSorted()
          .map(([name, value]) => [name, plain(value)]),
      ),
    )
    .toSorted();
}
