/** A series as it stands in the log. */
export interface RawSeries {
  x: Float64Array;
  y: Float64Array;
  /** The writers' order. */
  seq: Float64Array;
}

export interface ThinnedSeries {
  total: number;
  x: number[];
  y: (number | null)[];
  marks: [number, string][];
}

/**
 * At most `points` points that keep what a chart must not lose: the first and the last, the lowest and the highest of
 * every bucket of equally many points, and the first non-finite value of each bucket.
 * Points without x (an event that has no epoch, say) are left out.
 */
export function downsample(raw: RawSeries, points: number): ThinnedSeries {
  const order = inOrder(raw);
  const buckets = Math.max(1, Math.floor((points - 2) / 3));
  const kept = order.length <= points ? order : extremes(order, raw.y, buckets, points);
  const x: number[] = [];
  const y: (number | null)[] = [];
  const marks: [number, string][] = [];
  for (const index of kept) {
    const value = raw.y[index] as number;
    if (!Number.isFinite(value)) marks.push([x.length, String(value)]);
    x.push(raw.x[index] as number);
    y.push(Number.isFinite(value) ? value : null);
  }
  return { total: order.length, x, y, marks };
}

/** Indexes of the points that have an x, by seq. */
function inOrder({ x, seq }: RawSeries): number[] {
  const order: number[] = [];
  let sorted = true;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) continue;
    const before = order[order.length - 1];
    if (before !== undefined && (seq[i] as number) < (seq[before] as number)) sorted = false;
    order.push(i);
  }
  return sorted ? order : order.sort((a, b) => (seq[a] as number) - (seq[b] as number) || a - b);
}

function extremes(order: number[], values: Float64Array, atMost: number, points: number): number[] {
  // Without non-finite values a bucket gives two points, so there may be more buckets.
  const buckets = order.every((index) => Number.isFinite(values[index])) ? Math.max(1, (points - 2) >> 1) : atMost;
  const kept: number[] = [order[0] as number];
  const last = order.length - 1;
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor((b * (last - 1)) / buckets);
    const to = 1 + Math.floor(((b + 1) * (last - 1)) / buckets);
    let low = -1;
    let high = -1;
    let odd = -1;
    for (let at = from; at < to; at++) {
      const value = values[order[at] as number] as number;
      if (!Number.isFinite(value)) {
        if (odd < 0) odd = at;
        continue;
      }
      if (low < 0 || value < (values[order[low] as number] as number)) low = at;
      if (high < 0 || value > (values[order[high] as number] as number)) high = at;
    }
    const chosen = [...new Set([low, high, odd])].filter((at) => at >= 0).sort((a, b) => a - b);
    for (const at of chosen) kept.push(order[at] as number);
  }
  kept.push(order[last] as number);
  return kept;
}
