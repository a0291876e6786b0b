import type { Series } from "./store.ts";

/** A series as it stands in the log. */
export interface RawSeries {
  x: Float64Array;
  y: Float64Array;
  /** The writers' order; left out where the points stand in it. */
  seq?: Float64Array | BigInt64Array;
}

export type ThinnedSeries = Omit<Series, "run" | "metric" | "split" | "level" | "writer">;

/** What thinning asks of a series of `total` points, numbered in the writers' order. */
export interface Thinnable {
  total: number;
  /** No value is NaN or infinite. */
  isFinite: boolean;
  x(at: number): number;
  y(at: number): number;
  /** Where a smoothed line is wanted too. */
  smoothed?(at: number): number;
  /**
   * Of the points from..to-1: see `Extremes`. Where there are more than `GRAIN` of them, both are
   * multiples of it, or the end.
   */
  extremes(from: number, to: number): Extremes;
}

/**
 * Which point is the first with the lowest finite value, with the highest, and with one that is not
 * finite; -1: none.
 */
export interface Extremes {
  low: number;
  high: number;
  odd: number;
}

/**
 * Wide buckets hold whole groups of so many points, so that a store can keep each group's extremes.
 */
export const GRAIN = 20;

/**
 * At most `points` points that keep what a chart must not lose: the first and the last, the lowest
 * and the highest of every bucket of about equally many points, and the first non-finite value of
 * each bucket. Points without x (an event that has no epoch, say) are left out.
 */
export function downsample(raw: RawSeries, points: number): ThinnedSeries {
  return thinned(inWritersOrder(raw), points);
}

/** The points that have an x, in the writers' order. */
export function inWritersOrder(raw: RawSeries): Pick<RawSeries, "x" | "y"> {
  const order = inOrder(raw);
  if (order === null) return raw;
  const inThat = (values: Float64Array) => Float64Array.from(order, (index) => values[index] as number);
  return { x: inThat(raw.x), y: inThat(raw.y) };
}

/** Points in order, thinned; a smoothed line is given at the points that stay. */
export function thinned(
  { x, y, smoothed }: Pick<RawSeries, "x" | "y"> & { smoothed?: Float64Array },
  points: number,
): ThinnedSeries {
  return thin(
    {
      total: y.length,
      isFinite: y.every(Number.isFinite),
      x: (at) => x[at] as number,
      y: (at) => y[at] as number,
      ...(smoothed === undefined ? {} : { smoothed: (at) => smoothed[at] as number }),
      extremes: (from, to) => extremesOf(y, from, to),
    },
    points,
  );
}

export function thin(series: Thinnable, points: number): ThinnedSeries {
  const kept = series.total <= points ? Array.from({ length: series.total }, (_, at) => at) : keep(series, points);
  const thinned: ThinnedSeries = { total: series.total, x: [], y: [], marks: [] };
  if (series.smoothed !== undefined) {
    const smoothed = kept.map(series.smoothed);
    thinned.smoothed = smoothed.map((value) => (Number.isFinite(value) ? value : null));
  }
  for (const at of kept) {
    const value = series.y(at);
    if (!Number.isFinite(value)) thinned.marks.push([thinned.x.length, String(value)]);
    thinned.x.push(series.x(at));
    thinned.y.push(Number.isFinite(value) ? value : null);
  }
  return thinned;
}

/** How a series is divided: into `buckets` of whole groups of `grain` points. */
export function bucketsOf(total: number, points: number, allFinite: boolean): { buckets: number; grain: number } {
  // Without non-finite values a bucket gives two points, so there may be more buckets.
  const buckets = Math.max(1, allFinite ? (points - 2) >> 1 : Math.floor((points - 2) / 3));
  return { buckets, grain: Math.ceil(total / GRAIN) >= buckets ? GRAIN : 1 };
}

export function extremesOf(y: Float64Array, from: number, to: number): Extremes {
  let low = -1;
  let high = -1;
  let odd = -1;
  for (let at = from; at < to; at++) {
    const value = y[at] as number;
    if (!Number.isFinite(value)) {
      if (odd < 0) odd = at;
      continue;
    }
    if (low < 0 || value < (y[low] as number)) low = at;
    if (high < 0 || value > (y[high] as number)) high = at;
  }
  return { low, high, odd };
}

function keep(series: Thinnable, points: number): number[] {
  const { buckets, grain } = bucketsOf(series.total, points, series.isFinite);
  const groups = Math.ceil(series.total / grain);
  const last = series.total - 1;
  const kept = [0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * groups) / buckets) * grain;
    const to = Math.min(Math.floor(((bucket + 1) * groups) / buckets) * grain, series.total);
    const { low, high, odd } = series.extremes(from, to);
    const found = odd < 0 ? (low < high ? [low, high] : [high, low]) : [low, high, odd].sort((a, b) => a - b);
    for (const at of found) if (at > (kept[kept.length - 1] as number) && at < last) kept.push(at);
  }
  kept.push(last);
  return kept;
}

/** Indexes of the points that have an x, by seq; null where that is all of them as they are. */
function inOrder({ x, seq }: RawSeries): number[] | null {
  const order: number[] = [];
  let isSorted = true;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) continue;
    const before = order[order.length - 1];
    if (seq !== undefined && before !== undefined && (seq[i] as number) < (seq[before] as number)) isSorted = false;
    order.push(i);
  }
  if (isSorted || seq === undefined) return order.length === x.length ? null : order;
  return order.sort((a, b) => ((seq[a] as number) < (seq[b] as number) ? -1 : seq[a] === seq[b] ? a - b : 1));
}
