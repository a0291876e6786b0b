import { bucketsOf, GRAIN, type Thinnable } from "../../downsample.ts";
import type { SeriesQuery } from "../../store.ts";
import { rollUp } from "./rollups.ts";
import type { ChunkHeader, Points } from "./series-rows.ts";

/** Whether points that come in the log's order stand in the writers' order too. */
export function isInOrder(headers: readonly ChunkHeader[], tail: Points | null): boolean {
  let seq: bigint | null = null;
  for (const header of headers) {
    if (!header.isInOrder || (seq !== null && header.seqLow < seq)) return false;
    seq = header.seqHigh;
  }
  for (const next of tail?.seqs ?? []) {
    if (seq !== null && next < seq) return false;
    seq = next;
  }
  return true;
}

type Part = NonNullable<ChunkHeader["rolled"]>;

/** Whether x is anywhere lower than before. */
function stepsBack(parts: readonly Part[], counts: readonly number[]): boolean {
  let before = Number.NEGATIVE_INFINITY;
  return parts.some(({ x, stride }, part) => {
    const count = counts[part] as number;
    const first = before;
    before = x(count - 1);
    if (x(0) < first) return true;
    if (stride !== null) return count > 1 && stride < 0;
    for (let at = 1; at < count; at++) if (x(at) < x(at - 1)) return true;
    return false;
  });
}

/**
 * The series as its roll-ups say it: what `downsample` answers from it is what it would answer from
 * all points. null where that takes the points: few of them, a value that is not finite, a point
 * without x, points that have to be put in order or were overwritten by a resumed run, or roll-ups
 * that do not go on where the last ones ended.
 */
export function rolledSeries(
  headers: readonly ChunkHeader[],
  tail: Points | null,
  { x, points }: Pick<SeriesQuery, "x" | "points">,
): Thinnable | null {
  const total = headers.reduce((sum, header) => sum + header.points, tail?.y.length ?? 0);
  if (total <= points || bucketsOf(total, points, true).grain !== GRAIN || !isInOrder(headers, tail)) return null;
  const parts = headers.map((header) => header.rolled);
  if (tail !== null) {
    const isWhole = tail.y.every(Number.isFinite) && !tail.x.some(Number.isNaN);
    parts.push(isWhole ? { rollups: rollUp(tail.y), x: (index) => tail.x[index] as number, stride: null } : null);
  }
  const isAligned = headers.every(({ points }, index) => points % GRAIN === 0 || index === parts.length - 1);
  if (!isAligned || parts.some((part) => part === null)) return null;
  const counts = [...headers.map((header) => header.points), ...(tail === null ? [] : [tail.y.length])];
  if (x !== "time" && stepsBack(parts as Part[], counts)) return null;

  const groups = Math.ceil(total / GRAIN);
  const lows = new Float64Array(groups);
  const highs = new Float64Array(groups);
  const lowAt = new Int32Array(groups);
  const highAt = new Int32Array(groups);
  /** Which part a group is of. */
  const partOf = new Int32Array(groups);
  const whole = parts as Part[];
  const begins: number[] = [];
  let group = 0;
  for (const { rollups } of whole) {
    const from = group * GRAIN;
    lows.set(rollups.lows, group);
    highs.set(rollups.highs, group);
    for (let own = 0; own < rollups.lows.length; own++, group++) {
      partOf[group] = begins.length;
      lowAt[group] = from + (rollups.lowAt[own] as number);
      highAt[group] = from + (rollups.highAt[own] as number);
    }
    begins.push(from);
  }
  const first = headers[0]?.first ?? (tail?.y[0] as number);
  const last = tail?.y.at(-1) ?? (headers.at(-1) as ChunkHeader).last;

  return {
    total,
    isFinite: true,
    x(at) {
      const part = partOf[Math.floor(at / GRAIN)] as number;
      return (whole[part] as (typeof whole)[number]).x(at - (begins[part] as number));
    },
    y(at) {
      if (at === 0) return first;
      if (at === total - 1) return last;
      const group = Math.floor(at / GRAIN);
      return (lowAt[group] === at ? lows[group] : highs[group]) as number;
    },
    extremes(from, to) {
      let low = from / GRAIN;
      let high = low;
      for (let group = low + 1; group * GRAIN < to; group++) {
        if ((lows[group] as number) < (lows[low] as number)) low = group;
        if ((highs[group] as number) > (highs[high] as number)) high = group;
      }
      return { low: lowAt[low] as number, high: highAt[high] as number, odd: -1 };
    },
  };
}
