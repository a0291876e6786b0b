/** What Metabase is given of a panel's rows: lines are told apart by one column, and bars are counted in SQL. */
import type { DataPanel } from "../../../dashboards/spec.ts";

type Row = Record<string, unknown>;

export function expectedRows(panel: DataPanel, rows: Row[]): Row[] {
  switch (panel.kind) {
    case "line":
      return rows.map((row) => ({
        [panel.x]: row[panel.x],
        series: panel.by.map((name) => row[name] ?? "").join(", "),
        [panel.measure]: row[panel.measure],
      }));
    case "distribution":
      return bars(
        rows
          .map((row) => row[panel.column] as number | null)
          .filter((value) => value !== null && Number.isFinite(value)) as number[],
        panel.bins,
      ).map(([from, count]) => ({ [panel.column]: from, rows: count }));
    default:
      return rows;
  }
}

/** Bins of one width from the lowest value to the highest, those with something in them. */
function bars(values: number[], bins: number): [from: number, count: number][] {
  if (values.length === 0) return [];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = high / bins - low / bins;
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = high === low ? 0 : Math.min(Math.floor(value / width - low / width), bins - 1);
    counts.set(low + bin * width, (counts.get(low + bin * width) ?? 0) + 1);
  }
  return [...counts];
}
