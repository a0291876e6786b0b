/**
 * Points in the writers' order. `y` is null where the value is not finite; `marks` says by index
 * what it was.
 */
export interface Points {
  x: number[];
  y: (number | null)[];
  marks: [index: number, name: string][];
  /** The smoothed line at each x, where there is one. */
  smoothed?: (number | null)[];
}

/**
 * At most about `most` points, evenly spread along x, each bucket keeping its lowest and its
 * highest value, so that no spike is lost however often a series is thinned. The first and last
 * point and at least one non-finite value of a bucket stay.
 */
export function decimate(points: Points, most: number): Points {
  const { x, y } = points;
  if (x.length <= most) return points;
  const bucketOf = bucketing(x, Math.max(1, Math.floor((most - 2) / 2)));
  const kept = new Set<number>([0, x.length - 1]);
  const marks = new Map(points.marks);
  for (let start = 0; start < x.length; ) {
    const bucket = bucketOf(start);
    let end = start;
    let lowest = -1;
    let highest = -1;
    let marked = -1;
    for (; end < x.length && bucketOf(end) === bucket; end++) {
      const value = y[end]!;
      if (value === null) marked = marked < 0 ? end : marked;
      else {
        if (lowest < 0 || value < y[lowest]!) lowest = end;
        if (highest < 0 || value > y[highest]!) highest = end;
      }
    }
    for (const index of [lowest, highest, marked]) if (index >= 0) kept.add(index);
    start = end;
  }
  const order = [...kept].sort((a, b) => a - b);
  return {
    x: order.map((index) => x[index]!),
    y: order.map((index) => y[index]!),
    ...(points.smoothed ? { smoothed: order.map((index) => points.smoothed![index]!) } : {}),
    marks: order.flatMap((index, i): [number, string][] => (marks.has(index) ? [[i, marks.get(index)!]] : [])),
  };
}

/** By x where it only ascends; by index where a resumed run stepped back. */
function bucketing(x: readonly number[], buckets: number): (index: number) => number {
  const ascends = x.every((value, index) => index === 0 || value >= x[index - 1]!);
  const [from, to] = [x[0]!, x.at(-1)!];
  if (!ascends || to === from) return (index) => Math.floor((index / x.length) * buckets);
  return (index) => Math.min(buckets - 1, Math.floor(((x[index]! - from) / (to - from)) * buckets));
}
