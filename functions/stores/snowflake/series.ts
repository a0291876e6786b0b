import { keysOf } from "../metric-keys.ts";
import type { Series, SeriesQuery } from "../store.ts";
import { doubleOf } from "./sql-panel.ts";

type Identity = Pick<Series, "run" | "metric" | "split" | "level">;

/** Every series that a query names, once, in its order. */
export function askedSeries(query: SeriesQuery): Identity[] {
  const asked = new Map<string, Identity>();
  for (const run of query.runs) {
    for (const { metric, split, level } of keysOf(query)) {
      const one = { run, metric, split, level };
      asked.set(JSON.stringify(one), one);
    }
  }
  return [...asked.values()];
}

export interface PointRow extends Identity {
  total: string;
  x: string;
  y: string;
}

/** The series that were asked for and have points; the rows of each come in the writers' order. */
export function seriesOf(rows: readonly PointRow[], asked: readonly Identity[]): Series[] {
  const found = new Map<string, Series>();
  for (const { run, metric, split, level, total, x, y } of rows) {
    const key = JSON.stringify([run, metric, split, level]);
    let series = found.get(key);
    if (series === undefined) {
      series = { run, metric, split, level, total: Number(total), x: [], y: [], marks: [] };
      found.set(key, series);
    }
    const value = doubleOf(y);
    if (typeof value === "object" && value.$num !== "-0") {
      series.marks.push([series.x.length, value.$num]);
      series.y.push(null);
    } else series.y.push(Number(typeof value === "object" ? value.$num : value));
    series.x.push(Number(x));
  }
  return asked.flatMap(({ run, metric, split, level }) => found.get(JSON.stringify([run, metric, split, level])) ?? []);
}
