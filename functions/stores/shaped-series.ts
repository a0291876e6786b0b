import { inWritersOrder, type RawSeries, type ThinnedSeries, thinned } from "./downsample.ts";
import { type Average, createSmoother } from "./smoothing.ts";
import type { Series, SeriesQuery } from "./store.ts";

export type Shape = Pick<SeriesQuery, "x" | "points" | "smoothing" | "means">;

/** Whether a shape takes every point, and not just each bucket's extremes. */
export const takesAll = ({ smoothing = 0, means = false }: Shape): boolean => smoothing > 0 || means;

/** More points than there are, for statements that thin a series themselves. */
export const ALL_POINTS = 1_000_000_000;

/**
 * A series as a query wants it. What a resumed run has overwritten is left out. Smoothing runs over
 * all points that stay, before any is thinned out.
 */
export function shaped(raw: RawSeries, shape: Shape): ThinnedSeries {
  const ordered = inWritersOrder(raw);
  const { x, y } = shape.x === "time" ? ordered : withoutOverwritten(ordered);
  const smoothed = shape.smoothing ? y.map(createSmoother(shape.smoothing)) : null;
  const how = shape.means
    ? meansOf(x, smoothed ?? y, y, shape.points)
    : thinned({ x, y, ...(smoothed === null ? {} : { smoothed }) }, shape.points);
  return smoothed === null ? how : { ...how, average: averageOf(smoothed) };
}

/** As `shaped`, of a series that holds all of its points. */
export function reshaped(series: Series, shape: Shape): Series {
  const y = Float64Array.from(series.y, (value) => value ?? Number.NaN);
  for (const [index, name] of series.marks) y[index] = Number(name);
  return { ...series, ...shaped({ x: Float64Array.from(series.x), y }, shape) };
}

type Points = Pick<RawSeries, "x" | "y">;

/**
 * The points before which x never steps back later on: a run that is resumed at an earlier epoch or
 * step writes that one and what follows anew.
 */
export function withoutOverwritten({ x, y }: Points): Points {
  const kept = new Uint8Array(x.length);
  let anew = Number.POSITIVE_INFINITY;
  let count = 0;
  for (let at = x.length - 1; at >= 0; at--) {
    const own = x[at] as number;
    if (own >= anew) continue;
    if (at > 0 && own < (x[at - 1] as number)) anew = own;
    kept[at] = 1;
    count++;
  }
  if (count === x.length) return { x, y };
  const stays = (_: number, at: number) => kept[at] === 1;
  return { x: x.filter(stays), y: y.filter(stays) };
}

function averageOf(smoothed: Float64Array): Average {
  const finite = smoothed.filter(Number.isFinite);
  return { value: finite.at(-1) ?? 0, count: finite.length };
}

/**
 * The mean and the count of the finite values in each bucket of x. Buckets begin at multiples of
 * their width, a power of two, so that those of several runs can be brought together.
 */
function meansOf(x: Float64Array, y: Float64Array, sent: Float64Array, points: number): ThinnedSeries {
  const width = widthOf(x, points);
  const buckets = new Map<number, { mean: number; count: number; mark: string | null }>();
  x.forEach((at, index) => {
    const nth = Math.floor(at / width);
    const bucket = buckets.get(nth) ?? { mean: 0, count: 0, mark: null };
    buckets.set(nth, bucket);
    const value = y[index] as number;
    if (!Number.isFinite(value)) bucket.mark ??= String(sent[index]);
    else {
      bucket.count += 1;
      bucket.mean += value / bucket.count - bucket.mean / bucket.count;
    }
  });
  const found = [...buckets].sort(([a], [b]) => a - b);
  return {
    total: x.length,
    x: found.map(([nth]) => nth * width),
    y: found.map(([, { mean, count }]) => (count === 0 ? null : mean)),
    marks: found.flatMap(([, { mark, count }], index): [number, string][] =>
      mark === null || count > 0 ? [] : [[index, mark]],
    ),
    counts: found.map(([, { count }]) => count),
    width,
  };
}

/** The least power of two, 1 at least, by which all x fall into so many buckets. */
function widthOf(x: Float64Array, points: number): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of x) {
    if (at < low) low = at;
    if (at > high) high = at;
  }
  let width = 1;
  while (Math.floor(high / width) - Math.floor(low / width) >= points) width *= 2;
  return width;
}
