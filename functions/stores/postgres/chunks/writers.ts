import type { Points } from "./series-rows.ts";

/** A process without a name, or one that windows of an older version do not know. */
export const UNNAMED = "";

/** Each writer's points, by the writers' names. */
export function piecesByWriter(pieces: readonly Points[]): [writer: string, pieces: Points[]][] {
  const found = groupedBy(
    pieces.flatMap(piecesOf),
    ([writer]) => writer,
    ([, piece]) => piece,
  );
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The points of one window or tail, parted in one pass. */
function piecesOf(piece: Points): [writer: string, piece: Points][] {
  const { x, y, seqs, writers } = piece;
  if (writers === null || typeof writers === "string") return [[writers ?? UNNAMED, piece]];
  const indexes = groupedBy(
    writers.map((writer, at) => ({ writer, at })),
    ({ writer }) => writer,
    ({ at }) => at,
  );
  return [...indexes].map(([writer, own]) => {
    const of = (values: Float64Array) => Float64Array.from(own, (at) => values[at] as number);
    const seqsOf = seqs && BigInt64Array.from(own, (at) => seqs[at] as bigint);
    return [writer, { x: of(x), y: of(y), seqs: seqsOf, writers: writer }];
  });
}

/** Rows by what `key` says of them, in the order of the first of each. */
export function groupedBy<Row, Value>(
  rows: readonly Row[],
  key: (row: Row) => string,
  value: (row: Row) => Value,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [value(row)]);
    else group.push(value(row));
  }
  return groups;
}
