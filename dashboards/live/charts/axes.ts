import { formatTick } from "../layout/format.ts";
import type { Inks } from "../layout/theme.ts";
import type { ChartLine } from "./lines.ts";

/** An axis cannot span values beyond this: the difference of two may be beyond the doubles. */
const HIGHEST = 1e300;
/** The logarithm of what is closer to 0 cannot be drawn. */
const LOWEST_ON_LOG = 1e-300;
/** The narrowest y axis, as a share of its values: below it differences are those of rounding. */
const LEAST_SPAN = 1e-12;
/** Digits that tell ticks apart at most: those of a double. */
const MOST_DIGITS = 16;

export const isTooLarge = (value: number | null): value is number => value !== null && Math.abs(value) > HIGHEST;

export const isDrawnOnLog = (y: number | null): y is number => y !== null && y >= LOWEST_ON_LOG;

/**
 * The range that leaves outliers out: between the 5th and 95th percentile of what is drawn, and a
 * tenth more on either side. null where there is nothing to leave out.
 */
export function clippedRange(lines: readonly ChartLine[]): [number, number] | null {
  const values = lines.flatMap((line) => line.points.flatMap(([, y]) => (y === null ? [] : [y]))).sort((a, b) => a - b);
  if (values.length < 20) return null;
  const low = values[Math.floor(values.length * 0.05)]!;
  const high = values[Math.ceil(values.length * 0.95) - 1]!;
  const margin = (high - low) * 0.1;
  return margin > 0 ? [Math.max(values[0]!, low - margin), Math.min(values.at(-1)!, high + margin)] : null;
}

/**
 * The lowest and the highest x of all points; a resumed run steps back, so its ends say neither.
 * null without points.
 */
export function extentOf(lines: readonly ChartLine[]): [first: number, last: number] | null {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of lines) {
    for (const [x] of points) {
      first = Math.min(first, x);
      last = Math.max(last, x);
    }
  }
  return first > last ? null : [first, last];
}

/** Ticks of a time axis fall on these, in seconds. */
export function timeInterval(seconds: number, ticks = 6): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
  return steps.find((step) => seconds / step <= ticks) ?? Math.ceil(seconds / ticks / 86_400) * 86_400;
}

interface Drawn {
  points: readonly (readonly [x: unknown, y: number | null])[];
  raw?: Drawn["points"] | null;
}

/** The lowest and the highest value that is drawn; null where none is. */
export function valuesExtent(lines: readonly Drawn[]): [low: number, high: number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points, raw } of lines) {
    for (const [, y] of raw ?? points) {
      if (y === null) continue;
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  }
  return low > high ? null : [low, high];
}

/** A range around values so close that an axis would show their rounding; null for all others. */
export function leastRange([low, high]: [number, number]): [number, number] | null {
  const least = LEAST_SPAN * Math.max(Math.abs(low), Math.abs(high));
  if (high === low || high - low >= least) return null;
  const middle = low + (high - low) / 2;
  return [middle - least / 2, middle + least / 2];
}

/** Significant digits with which the ticks of a range differ. */
export function tickDigits([low, high]: [number, number]): number {
  const span = high - low;
  if (!(span > 0)) return 4;
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / span)) + 2;
  return Math.min(MOST_DIGITS, Math.max(4, digits));
}

/** The lowest value that a logarithmic axis shows; 1 where it shows none. */
export function lowestOnLog(lines: readonly ChartLine[]): number {
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y).filter(isDrawnOnLog));
  return values.reduce((low, value) => Math.min(low, value), values[0] ?? 1);
}

/** How a y axis looks; its labels have the digits that tell its ticks apart. */
export function valueTicks(extent: [number, number] | null, range: [number, number] | null, ink: Inks) {
  const digits = extent === null ? 4 : tickDigits(range ?? extent);
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: ink.muted, fontSize: 11, formatter: (value: number) => formatTick(value, digits) },
    splitLine: { lineStyle: { color: ink.line, width: 1 } },
    splitNumber: 4,
  };
}
