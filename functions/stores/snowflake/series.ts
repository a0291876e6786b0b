import { keysOf } from "../metric-keys.ts";
import { ALL_POINTS, reshaped, takesAll } from "../shaped-series.ts";
import type { Cursor, Series, SeriesQuery } from "../store.ts";
import type { ReadStatement } from "./log-end.ts";
import { doubleOf } from "./sql-panel.ts";

type Identity = Pick<Series, "run" | "metric" | "split" | "level">;

/** Reads what a query asks for and stood in the log before the cursor. */
export async function readSeries(read: ReadStatement, query: SeriesQuery, before: Cursor): Promise<Series[]> {
  const { project, x, writers = false } = query;
  const points = takesAll(query) ? ALL_POINTS : query.points;
  const wanted = askedSeries(query);
  const series = seriesOf(
    await read<PointRow>("series", { project, wanted, x, before, points, writers }),
    wanted,
    writers,
  );
  return takesAll(query) ? series.map((one) => reshaped(one, query)) : series;
}

/** Every series that a query names, once, in its order. */
function askedSeries(query: SeriesQuery): Identity[] {
  const asked = new Map<string, Identity>();
  for (const run of query.runs) {
    for (const { metric, split, level } of keysOf(query)) {
      const one = { run, metric, split, level };
      asked.set(JSON.stringify(one), one);
    }
  }
  return [...asked.values()];
}

interface PointRow extends Identity {
  writer: string;
  total: string;
  x: string;
  y: string;
}

/** The series that were asked for and have points; the rows of each come in the writers' order. */
function seriesOf(rows: readonly PointRow[], asked: readonly Identity[], hasWriters: boolean): Series[] {
  const found = new Map<string, Map<string, Series>>();
  for (const { run, metric, split, level, writer, total, x, y } of rows) {
    const key = JSON.stringify([run, metric, split, level]);
    const lines = found.get(key) ?? new Map<string, Series>();
    found.set(key, lines);
    let series = lines.get(writer);
    if (series === undefined) {
      const whose = hasWriters ? { writer } : {};
      series = { run, metric, split, level, ...whose, total: Number(total), x: [], y: [], marks: [] };
      lines.set(writer, series);
    }
    const value = doubleOf(y);
    if (typeof value === "object" && value.$num !== "-0") {
      series.marks.push([series.x.length, value.$num]);
      series.y.push(null);
    } else series.y.push(Number(typeof value === "object" ? value.$num : value));
    series.x.push(Number(x));
  }
  return asked.flatMap(({ run, metric, split, level }) => [
    ...(found.get(JSON.stringify([run, metric, split, level]))?.values() ?? []),
  ]);
}
