import type { Series } from "../../../functions/stores/store.ts";
import { nonFiniteName } from "./numbers.ts";

/** Means by bucket of x, as the API gives them: each x is where its bucket begins. */
export interface MeanBuckets extends Pick<Series, "x" | "y" | "marks" | "counts" | "width"> {}

/** Buckets a series may have before they are made wider. */
const MOST_BUCKETS = 1000;

/** Adds a value to the bucket that it falls into. */
export function addToBuckets(series: MeanBuckets, x: number, value: number) {
  const width = series.width ?? 1;
  const begin = Math.floor(x / width) * width;
  let at = series.x.length - 1;
  while (at >= 0 && series.x[at]! > begin) at--;
  if (series.x[at] !== begin) {
    at++;
    series.x.splice(at, 0, begin);
    series.y.splice(at, 0, null);
    series.counts!.splice(at, 0, 0);
    series.marks = series.marks.map(([index, name]) => [index < at ? index : index + 1, name]);
  }
  if (Number.isFinite(value)) {
    const count = ++series.counts![at]!;
    const mean = series.y[at] ?? 0;
    series.y[at] = mean + (value / count - mean / count);
    series.marks = series.marks.filter(([index]) => index !== at);
  } else if (series.y[at] === null && !series.marks.some(([index]) => index === at)) {
    series.marks.push([at, nonFiniteName(value)]);
  }
  if (series.x.length > MOST_BUCKETS) Object.assign(series, widened(series, 2 * width));
}

/** The same values in wider buckets; the width is a multiple of theirs. */
export function widened({ x, y, marks, counts = [], width }: MeanBuckets, wanted: number): MeanBuckets {
  const wide: Required<MeanBuckets> = { x: [], y: [], marks: [], counts: [], width: wanted };
  if (wanted === width) return { x, y, marks, counts, width };
  const named = new Map(marks);
  x.forEach((at, index) => {
    const begin = Math.floor(at / wanted) * wanted;
    if (wide.x.at(-1) !== begin) {
      wide.x.push(begin);
      wide.y.push(null);
      wide.counts.push(0);
    }
    const last = wide.x.length - 1;
    const [value, count, mark] = [y[index]!, counts[index]!, named.get(index)];
    if (mark !== undefined && wide.marks.at(-1)?.[0] !== last) wide.marks.push([last, mark]);
    if (value === null) return;
    const all = wide.counts[last]! + count;
    wide.y[last] = (wide.y[last] ?? 0) * (wide.counts[last]! / all) + value * (count / all);
    wide.counts[last] = all;
  });
  wide.marks = wide.marks.filter(([index]) => wide.y[index] === null);
  return wide;
}
