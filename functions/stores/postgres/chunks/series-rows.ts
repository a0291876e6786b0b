import { bytesOf, doublesOf, integersOf, placesOf } from "./binary-columns.ts";
import { type RollUps, rollUpsOf } from "./rollups.ts";

/** Rows of the series-*.sql files, and what they hold. */

interface Identity {
  run: string;
  kind: string;
  key: string;
}

interface AxisColumns {
  x_first: number | null;
  x_stride: number | null;
  x: string | null;
}

export interface MarkRow {
  run: string;
  mark: string;
  horizon: string;
}

export interface HeadRow extends Identity, AxisColumns {
  points: number;
  events: number;
  in_order: boolean;
  seq_lo: string;
  seq_hi: string;
  first: number;
  last: number;
  rollups: string | null;
}

export interface PointsRow extends Identity, AxisColumns {
  points: number;
  y: string;
  places: string | null;
  seqs: string | null;
}

export interface TailRow extends Identity {
  x: string;
  y: string;
  seqs: string;
}

/** A chunk without its points. */
export interface Head {
  points: number;
  isInOrder: boolean;
  seqLow: bigint;
  seqHigh: bigint;
  first: number;
  last: number;
  /** With x; null where the points themselves have to be read. */
  rolled: { rollups: RollUps; x: (place: number) => number } | null;
}

/** Points in the log's order; x is NaN where there is none. */
export interface Points {
  x: Float64Array;
  y: Float64Array;
  /** Left out where nobody asked. */
  seqs: BigInt64Array | null;
}

export function headOf(row: HeadRow): Head {
  const column = row.x === null ? null : doublesOf(bytesOf(row.x));
  const hasX = column === null ? row.x_first !== null : !column.some(Number.isNaN);
  return {
    points: row.points,
    isInOrder: row.in_order,
    seqLow: BigInt(row.seq_lo),
    seqHigh: BigInt(row.seq_hi),
    first: row.first,
    last: row.last,
    rolled: row.rollups !== null && hasX ? { rollups: rollUpsOf(bytesOf(row.rollups)), x: axisOf(row, column) } : null,
  };
}

export function pointsOf(row: PointsRow): Points {
  const places = row.places === null ? null : placesOf(bytesOf(row.places));
  const seqs = row.seqs === null ? null : integersOf(bytesOf(row.seqs));
  const xOf = axisOf(row, row.x === null ? null : doublesOf(bytesOf(row.x)));
  const x = new Float64Array(row.points);
  for (let point = 0; point < row.points; point++) x[point] = xOf(places === null ? point : (places[point] as number));
  return {
    x,
    y: doublesOf(bytesOf(row.y)),
    seqs: places === null || seqs === null ? seqs : BigInt64Array.from(places, (place) => seqs[place] as bigint),
  };
}

export function tailPointsOf({ x, y, seqs }: TailRow): Points {
  return { x: doublesOf(bytesOf(x)), y: doublesOf(bytesOf(y)), seqs: integersOf(bytesOf(seqs)) };
}

function axisOf({ x_first, x_stride }: AxisColumns, column: Float64Array | null): (place: number) => number {
  if (column !== null) return (place) => column[place] as number;
  const [first, stride] = [x_first ?? Number.NaN, x_stride ?? 0];
  return (place) => first + place * stride;
}
