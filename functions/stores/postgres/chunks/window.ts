import { GRAIN } from "../../downsample.ts";
import { bytesOf, doublesOf, integersOf } from "./binary-columns.ts";
import { rollUp, rollUpBytes } from "./rollups.ts";

/** The most events that are in one window; it has fewer where their logs are large. */
export const WINDOW_EVENTS = 1_000;

/** chunk-window.sql's answer. */
export interface WindowRow {
  from_pos: string | null;
  /** As much as is looked at for one window: more may be behind it. */
  is_whole: boolean;
  kinds: string;
  poses: string;
  seqs: string;
  epochs: string;
  steps: string;
  times: string;
  writers: string | null;
  logs: string | null;
}

/** Events of a run's tail, the oldest first. */
export interface Tail {
  fromPos: bigint;
  isWhole: boolean;
  kinds: string[];
  poses: BigInt64Array;
  seqs: BigInt64Array;
  epochs: Float64Array;
  steps: Float64Array;
  times: Float64Array;
  writers: string[];
  logs: Record<string, unknown>[];
}

/** null where nothing is there to be sealed. */
export function tailOf(row: WindowRow): Tail | null {
  if (row.from_pos === null || row.writers === null || row.logs === null) return null;
  const doubles = (base64: string) => doublesOf(bytesOf(base64));
  const integers = (base64: string) => integersOf(bytesOf(base64));
  return {
    fromPos: BigInt(row.from_pos),
    isWhole: row.is_whole,
    kinds: row.kinds.split(","),
    poses: integers(row.poses),
    seqs: integers(row.seqs),
    epochs: doubles(row.epochs),
    steps: doubles(row.steps),
    times: doubles(row.times),
    writers: JSON.parse(row.writers) as string[],
    logs: JSON.parse(row.logs) as Record<string, unknown>[],
  };
}

export interface Window {
  fromPos: bigint;
  /** After its last event. */
  upto: bigint;
  events: number;
  axes: Axes[];
  chunks: Chunk[];
}

export interface Axes {
  kind: string;
  events: number;
  isInOrder: boolean;
  seqLow: bigint;
  seqHigh: bigint;
  seqs: BigInt64Array;
  epochs: Axis;
  steps: Axis;
  times: Float64Array;
  /** Of all events, where it is one. */
  writer: string | null;
  /** Of each event, where they are several. */
  writers: string[] | null;
}

/** Even: the i-th is first + i * stride. Otherwise `values` say it, NaN where there is none. */
export interface Axis {
  first: number | null;
  stride: number | null;
  values: Float64Array | null;
}

export interface Chunk {
  kind: string;
  key: string;
  points: number;
  first: End;
  last: End;
  low: number | null;
  high: number | null;
  rollups: Buffer | null;
  y: Float64Array;
  offsets: Int16Array | null;
}

/** The first or the last point of a chunk in the writers' order. */
export interface End {
  seq: bigint;
  /** The value as it stands in the logs, as JSON. */
  text: string;
}

/**
 * The window at the beginning of a tail. It ends with the last event that makes a whole roll-up of
 * its most frequent kind, so that roll-ups of one window go on where those of the last ended; null
 * where there is no such event.
 */
export function windowOf(tail: Tail): Window | null {
  const byKind = indexesByKind(tail.kinds);
  const most = [...byKind.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
  const whole = most.length - (most.length % GRAIN);
  if (whole === 0) return null;
  const end = (most[whole - 1] as number) + 1;
  const window: Window = {
    fromPos: tail.fromPos,
    upto: (tail.poses[end - 1] as bigint) + 1n,
    events: end,
    axes: [],
    chunks: [],
  };
  for (const [kind, all] of byKind) {
    const own = all.filter((index) => index < end);
    if (own.length === 0) continue;
    const axes = axesOf(tail, kind, own);
    window.axes.push(axes);
    window.chunks.push(...chunksOf(tail, axes, own));
  }
  return window;
}

function indexesByKind(kinds: string[]): Map<string, number[]> {
  const byKind = new Map<string, number[]>();
  kinds.forEach((kind, index) => {
    const own = byKind.get(kind);
    if (own === undefined) byKind.set(kind, [index]);
    else own.push(index);
  });
  return byKind;
}

function axesOf(tail: Tail, kind: string, own: number[]): Axes {
  const seqs = BigInt64Array.from(own, (index) => tail.seqs[index] as bigint);
  const column = (values: Float64Array) => Float64Array.from(own, (index) => values[index] as number);
  const writers = own.map((index) => tail.writers[index] as string);
  const isOne = writers.every((writer) => writer === writers[0]);
  return {
    kind,
    events: own.length,
    isInOrder: seqs.every((seq, index) => index === 0 || seq >= (seqs[index - 1] as bigint)),
    seqLow: seqs.reduce((a, b) => (b < a ? b : a)),
    seqHigh: seqs.reduce((a, b) => (b > a ? b : a)),
    seqs,
    epochs: axisOf(column(tail.epochs)),
    steps: axisOf(column(tail.steps)),
    times: column(tail.times),
    writer: isOne ? (writers[0] as string) : null,
    writers: isOne ? null : writers,
  };
}

function axisOf(values: Float64Array): Axis {
  const first = values[0] as number;
  const stride = values.length > 1 ? (values[1] as number) - first : 0;
  const isEven = values.every((value, index) => value === first + index * stride);
  return isEven ? { first, stride, values: null } : { first: null, stride: null, values };
}

function chunksOf(tail: Tail, axes: Axes, own: number[]): Chunk[] {
  const columns = new Map<string, { y: Float64Array; offsets: Int16Array; points: number }>();
  own.forEach((at, offset) => {
    const logs = tail.logs[at] as Record<string, unknown>;
    for (const key of Object.keys(logs)) {
      const value = numberIn(logs[key]);
      if (value === null) continue;
      let column = columns.get(key);
      if (column === undefined) {
        column = { y: new Float64Array(own.length), offsets: new Int16Array(own.length), points: 0 };
        columns.set(key, column);
      }
      column.y[column.points] = value;
      column.offsets[column.points] = offset;
      column.points += 1;
    }
  });
  return [...columns].map(([key, column]) => {
    const y = column.y.slice(0, column.points);
    const offsets = column.offsets.slice(0, column.points);
    const isDense = y.length === own.length;
    const finite = y.filter(Number.isFinite);
    const [first, last] = endsOf(axes, offsets).map((offset) => ({
      seq: axes.seqs[offset] as bigint,
      text: JSON.stringify(tail.logs[own[offset] as number]?.[key]),
    })) as [End, End];
    return {
      kind: axes.kind,
      key,
      points: y.length,
      first,
      last,
      low: finite.length === 0 ? null : finite.reduce((a, b) => (b < a ? b : a)),
      high: finite.length === 0 ? null : finite.reduce((a, b) => (b > a ? b : a)),
      rollups: isDense && finite.length === y.length ? rollUpBytes(rollUp(y)) : null,
      y,
      offsets: isDense ? null : offsets,
    };
  });
}

/** The indexes of the first and the last point by seq, and of equal ones by the log's order. */
function endsOf({ isInOrder, seqs }: Axes, offsets: Int16Array): [number, number] {
  let [first, last] = [offsets[0] as number, offsets[offsets.length - 1] as number];
  if (isInOrder) return [first, last];
  last = first;
  for (const offset of offsets) {
    if ((seqs[offset] as bigint) < (seqs[first] as bigint)) first = offset;
    if ((seqs[offset] as bigint) >= (seqs[last] as bigint)) last = offset;
  }
  return [first, last];
}

/** As the `metric_value` function says it. */
function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  const text = (value as { $num?: unknown } | null)?.$num;
  return text === undefined || text === null ? null : Number(text);
}
