import { createSmoother } from "../../../functions/stores/smoothing.ts";
import type { Level, Series, Split, StreamedEvent } from "../../../functions/stores/store.ts";
import { decimate, type Points } from "./decimate.ts";
import { pointsOf, type XKind, xOf } from "./event-points.ts";
import { addToBuckets } from "./mean-buckets.ts";
import { nonFiniteName } from "./numbers.ts";

/** How series are read: with a smoothed line, or as means of buckets. */
export interface SeriesShape {
  smoothing?: number | undefined;
  means?: boolean | undefined;
}

/** A series as it stands: what was fetched and what has been streamed since. */
export interface LiveSeries extends Points, Pick<Series, "average" | "counts" | "width"> {
  run: string;
  metric: string;
  split: Split;
  level: Level;
  /** The process that wrote it; "" where it gave no name. */
  writer: string;
  /** Points there are, drawn or not. */
  total: number;
  /** Rises with every change, so that what is drawn from it can be kept. */
  version: number;
}

export type SeriesStore = ReturnType<typeof createSeriesStore>;

/**
 * The series in memory, on one axis. A series is fetched with at most `most` points and thinned on
 * the spot when streaming has doubled it: neither memory nor traffic grows with a run's history.
 */
export function createSeriesStore(most: number) {
  /** By run, metric, split and level, and then by writer. */
  const all = new Map<string, Map<string, LiveSeries>>();
  const writers = new Map<string, Set<string>>();
  let axis: XKind = "epoch";
  let shape: SeriesShape = {};
  let versions = 0;

  const keyOf = (run: string, metric: string, split: Split, level: Level) => [run, metric, split, level].join("\n");

  function put(series: LiveSeries) {
    const { run, metric, split, level, writer } = series;
    const key = keyOf(run, metric, split, level);
    all.set(key, (all.get(key) ?? new Map()).set(writer, series));
    writers.set(run, (writers.get(run) ?? new Set()).add(writer));
  }

  const putRead = (series: Series) => put({ ...series, writer: series.writer ?? "", version: ++versions });

  return {
    get axis() {
      return axis;
    },
    /** Everything anew, on this axis and in this shape. */
    replace(x: XKind, series: readonly Series[], how: SeriesShape = {}) {
      all.clear();
      writers.clear();
      axis = x;
      shape = how;
      series.forEach(putRead);
    },
    add(series: readonly Series[]) {
      series.forEach(putRead);
    },
    drop(keep: (series: LiveSeries) => boolean) {
      const kept = [...all.values()].flatMap((lines) => [...lines.values()].filter(keep));
      all.clear();
      writers.clear();
      kept.forEach(put);
    },
    isEmpty: () => all.size === 0,
    /** One a writer. */
    of: (run: string, metric: string, split: Split, level: Level): LiveSeries[] => [
      ...(all.get(keyOf(run, metric, split, level))?.values() ?? []),
    ],
    /** Who wrote any of a run's series, by name. */
    writersOf: (run: string): string[] => [...(writers.get(run) ?? [])].sort(),
    /** Adds an event's points to the series that `wanted` names; true if something changed. */
    append(event: StreamedEvent, wanted: (metric: string, level: Level) => boolean): boolean {
      const x = xOf(event, axis);
      if (x === null) return false;
      let changed = false;
      for (const { metric, split, level, value } of pointsOf(event)) {
        if (!wanted(metric, level)) continue;
        const { run, writer } = event;
        const known = all.get(keyOf(run, metric, split, level))?.get(writer);
        const series = known ?? { run, metric, split, level, writer, ...emptySeries(shape) };
        if (!known) put(series);
        if (axis !== "time") dropOverwritten(series, x);
        addPoint(series, x, value, shape);
        series.version = ++versions;
        if (series.x.length > 2 * most && !series.counts) Object.assign(series, decimate(series, most));
        changed = true;
      }
      return changed;
    },
  };
}

function emptySeries({
  smoothing,
  means,
}: SeriesShape): Omit<LiveSeries, "run" | "metric" | "split" | "level" | "writer"> {
  return {
    ...{ total: 0, x: [], y: [], marks: [], version: 0 },
    ...(means ? { counts: [], width: 1 } : smoothing ? { smoothed: [] } : {}),
    ...(smoothing ? { average: { value: 0, count: 0 } } : {}),
  };
}

/** A resumed run writes anew what comes after: as the API leaves it out. */
function dropOverwritten(series: LiveSeries, x: number) {
  const { x: all, y, smoothed, counts, marks } = series;
  if (all.length === 0 || all.at(-1)! <= x) return;
  while (all.length > 0 && all.at(-1)! >= x) {
    all.pop();
    y.pop();
    smoothed?.pop();
    series.total -= counts?.pop() ?? 1;
    if (marks.at(-1)?.[0] === all.length) marks.pop();
  }
}

function addPoint(series: LiveSeries, x: number, value: number, { smoothing }: SeriesShape) {
  const counts = Number.isFinite(value);
  let drawn = value;
  if (smoothing && counts) {
    drawn = createSmoother(smoothing, series.average)(value);
    series.average = { value: drawn, count: (series.average?.count ?? 0) + 1 };
  }
  series.total++;
  if (series.counts) return addToBuckets(series, x, drawn);
  if (!counts) series.marks.push([series.x.length, nonFiniteName(value)]);
  series.x.push(x);
  series.y.push(counts ? value : null);
  series.smoothed?.push(counts ? drawn : null);
}
