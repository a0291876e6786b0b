import { keysOf } from "../metric-keys.ts";
import { ALL_POINTS, reshaped, takesAll } from "../shaped-series.ts";
import type { Series, SeriesPage, SeriesQuery } from "../store.ts";
import type { Ask } from "./statements.ts";

interface SeriesRow extends Pick<Series, "run" | "metric" | "split" | "level" | "x"> {
  writer: string;
  total: string;
  ordinal: string;
  y: number[];
}

/** Reads series that series.sql has thinned. @param before µs since 1970 */
export async function readSeries(ask: Ask, query: SeriesQuery, before: number): Promise<SeriesPage> {
  const wanted = keysOf(query).map((key, ordinal) => ({ ...key, ordinal }));
  const { project, runs, x, writers = false } = query;
  const points = takesAll(query) ? ALL_POINTS : query.points;
  const kinds = [...new Set(wanted.map(({ kind }) => kind))];
  const rows = await ask<SeriesRow>("series", { project, runs, wanted, kinds, x, points, before, writers });
  const asked = runs.flatMap((run) => rows.filter((row) => row.run === run));
  const series = asked.map((row) => toSeries(row, writers));
  return { series: takesAll(query) ? series.map((one) => reshaped(one, query)) : series, cursor: String(before) };
}

function toSeries({ total, ordinal: _, y, writer, ...row }: SeriesRow, hasWriters: boolean): Series {
  const marks = y.flatMap((value, index): [number, string][] =>
    Number.isFinite(value) ? [] : [[index, String(value)]],
  );
  const whose = hasWriters ? { writer } : {};
  return {
    ...row,
    ...whose,
    total: Number(total),
    y: y.map((value) => (Number.isFinite(value) ? value : null)),
    marks,
  };
}
