import { bytesOf, doublesOf, integersOf, offsetsOf } from "./binary-columns.ts";
import { type RollUps, rollUpsOf } from "./rollups.ts";

/** Rows of the series-*.sql files, and what they hold. */

interface Identity {
  run: string;
  kind: string;
  key: string;
}

export interface MarkRow {
  run: string;
  mark: string;
  horizon: string;
}

/** The chunks of one key, the oldest first. */
export interface HeadersRow extends Identity {
  /** A record of `HEADER_BYTES` a chunk, as `headerAt` reads it. */
  headers: string;
  /** Columns of those chunks that have one, on end. */
  rollups: string | null;
  x: string | null;
  /** Who wrote these chunks, as far as it is known. */
  writer: string | null;
  /** It is not the only one. */
  several: boolean;
}

export interface PointsRow extends Identity {
  x_first: number | null;
  x_stride: number | null;
  x: string | null;
  points: number;
  y: string;
  offsets: string | null;
  seqs: string | null;
  /** Of all events of the window, where it is one. */
  writer: string | null;
  /** Of each event, where they are several. */
  writers: string[] | null;
}

export interface TailRow extends Identity {
  x: string;
  y: string;
  seqs: string;
  /** null where nobody asked. */
  writer: string | null;
}

/** A chunk without its points. */
export interface ChunkHeader {
  points: number;
  isInOrder: boolean;
  seqLow: bigint;
  seqHigh: bigint;
  first: number;
  last: number;
  /** With x, and its stride where it is even; null where the points themselves have to be read. */
  rolled: { rollups: RollUps; x: (index: number) => number; stride: number | null } | null;
}

/** Points in the log's order; x is NaN where there is none. */
export interface Points {
  x: Float64Array;
  y: Float64Array;
  /** Left out where nobody asked. */
  seqs: BigInt64Array | null;
  /** Of each point, or the one of all; null where that is not known. */
  writers: readonly string[] | string | null;
}

const HEADER_BYTES = 64;

export function headersOf(row: HeadersRow): ChunkHeader[] {
  const records = bytesOf(row.headers);
  const rollups = bytesOf(row.rollups ?? "");
  const x = bytesOf(row.x ?? "");
  const headers: ChunkHeader[] = [];
  let [rollupsAt, xAt] = [0, 0];
  for (let at = 0; at < records.length; at += HEADER_BYTES) {
    const header = headerAt(records, at);
    const own = rollups.subarray(rollupsAt, rollupsAt + header.rollupBytes);
    const column = header.xBytes === 0 ? null : doublesOf(x.subarray(xAt, xAt + header.xBytes));
    rollupsAt += header.rollupBytes;
    xAt += header.xBytes;
    const hasX = column === null ? !Number.isNaN(header.xFirst) : !column.some(Number.isNaN);
    const xOf = axisOf(header.xFirst, header.xStride, column);
    const stride = column === null ? header.xStride : null;
    const rolled = own.length > 0 && hasX ? { rollups: rollUpsOf(own), x: xOf, stride } : null;
    headers.push({ ...header, rolled });
  }
  return headers;
}

/** As series-rollups.sql writes it: four int4, two int8 and four float8, NaN for none. */
function headerAt(records: Buffer, at: number) {
  return {
    points: records.readInt32BE(at),
    rollupBytes: records.readInt32BE(at + 4),
    xBytes: records.readInt32BE(at + 8),
    isInOrder: records.readInt32BE(at + 12) === 1,
    seqLow: records.readBigInt64BE(at + 16),
    seqHigh: records.readBigInt64BE(at + 24),
    first: records.readDoubleBE(at + 32),
    last: records.readDoubleBE(at + 40),
    xFirst: records.readDoubleBE(at + 48),
    xStride: records.readDoubleBE(at + 56),
  };
}

export function pointsOf(row: PointsRow): Points {
  const offsets = row.offsets === null ? null : offsetsOf(bytesOf(row.offsets));
  const seqs = row.seqs === null ? null : integersOf(bytesOf(row.seqs));
  const column = row.x === null ? null : doublesOf(bytesOf(row.x));
  const xOf = axisOf(row.x_first ?? Number.NaN, row.x_stride ?? 0, column);
  const x = new Float64Array(row.points);
  for (let point = 0; point < row.points; point++)
    x[point] = xOf(offsets === null ? point : (offsets[point] as number));
  return {
    x,
    y: doublesOf(bytesOf(row.y)),
    seqs: offsets === null || seqs === null ? seqs : BigInt64Array.from(offsets, (offset) => seqs[offset] as bigint),
    writers: row.writers === null ? row.writer : writersOf(row.writers, offsets),
  };
}

const writersOf = (writers: string[], offsets: Int16Array | null): string[] =>
  offsets === null ? writers : Array.from(offsets, (offset) => writers[offset] as string);

export function tailPointsOf({ x, y, seqs, writer }: TailRow): Points {
  return { x: doublesOf(bytesOf(x)), y: doublesOf(bytesOf(y)), seqs: integersOf(bytesOf(seqs)), writers: writer };
}

function axisOf(first: number, stride: number, column: Float64Array | null): (index: number) => number {
  return column === null ? (index) => first + index * stride : (index) => column[index] as number;
}
