import type { Level, Series, Split, StreamedEvent } from "../../../functions/stores/store.ts";
import { decimate, type Points } from "./decimate.ts";
import { pointsOf, type XKind, xOf } from "./event-points.ts";
import { nonFiniteName } from "./numbers.ts";

/** A series as it stands: what was fetched and what has been streamed since. */
export interface LiveSeries extends Points {
  run: string;
  metric: string;
  split: Split;
  level: Level;
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
  const all = new Map<string, LiveSeries>();
  let axis: XKind = "epoch";
  let versions = 0;

  const keyOf = (run: string, metric: string, split: Split, level: Level) => [run, metric, split, level].join("\n");

  function put(series: Series) {
    const { run, metric, split, level, total, x, y, marks } = series;
    all.set(keyOf(run, metric, split, level), { run, metric, split, level, total, x, y, marks, version: ++versions });
  }

  return {
    get axis() {
      return axis;
    },
    /** Everything anew, on this axis. */
    replace(x: XKind, series: readonly Series[]) {
      all.clear();
      axis = x;
      series.forEach(put);
    },
    add(series: readonly Series[]) {
      series.forEach(put);
    },
    drop(keep: (series: LiveSeries) => boolean) {
      for (const [key, series] of all) if (!keep(series)) all.delete(key);
    },
    isEmpty: () => all.size === 0,
    get: (run: string, metric: string, split: Split, level: Level): LiveSeries | undefined =>
      all.get(keyOf(run, metric, split, level)),
    /** Adds an event's points to the series that `wanted` names; true if something changed. */
    append(event: StreamedEvent, wanted: (metric: string, level: Level) => boolean): boolean {
      const x = xOf(event, axis);
      if (x === null) return false;
      let changed = false;
      for (const { metric, split, level, value } of pointsOf(event)) {
        if (!wanted(metric, level)) continue;
        const key = keyOf(event.run, metric, split, level);
        const series = all.get(key) ?? {
          run: event.run,
          metric,
          split,
          level,
          total: 0,
          x: [],
          y: [],
          marks: [],
          version: 0,
        };
        all.set(key, series);
        if (!Number.isFinite(value)) series.marks.push([series.x.length, nonFiniteName(value)]);
        series.x.push(x);
        series.y.push(Number.isFinite(value) ? value : null);
        series.total++;
        series.version = ++versions;
        if (series.x.length > 2 * most) Object.assign(series, decimate(series, most));
        changed = true;
      }
      return changed;
    },
  };
}
