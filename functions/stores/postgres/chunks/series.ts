import { type RawSeries, type ThinnedSeries, thin } from "../../downsample.ts";
import { keysOf, type MetricKey } from "../../metric-keys.ts";
import type { Values } from "../../named-parameters.ts";
import { shaped, takesAll } from "../../shaped-series.ts";
import type { Series, SeriesPage, SeriesQuery } from "../../store.ts";
import { isInOrder, rolledSeries } from "./rolled-series.ts";
import {
  type ChunkHeader,
  type HeadersRow,
  headersOf,
  type MarkRow,
  type Points,
  type PointsRow,
  pointsOf,
  type TailRow,
  tailPointsOf,
} from "./series-rows.ts";
import { groupedBy, piecesByWriter, UNNAMED } from "./writers.ts";

export type SeriesStatement = "seriesMarks" | "seriesRollups" | "seriesPoints" | "seriesTail";

export interface SeriesReader {
  read<Row extends object>(statement: SeriesStatement, values: Values): Promise<Row[]>;
  /** Told of runs with long tails. */
  onLongTail(project: string, run: string): void;
}

/** Points in a tail that are worth sealing when a reader meets them. */
const LONG_TAIL = 2_000;

/**
 * Series from chunks and the tails of the log after them, below the log's end at the first
 * statement: windows and events that stand there stay as they are, so the further statements need
 * no snapshot in common with it.
 */
export async function readSeries(reader: SeriesReader, query: SeriesQuery): Promise<SeriesPage> {
  const wanted = keysOf(query);
  const kinds = [...new Set(wanted.map(({ kind }) => kind))];
  const keys = [...new Set(wanted.map(({ key }) => key))];
  const { project, x } = query;
  const marks = await reader.read<MarkRow>("seriesMarks", { project, runs: query.runs });
  const cursor = (marks[0] as MarkRow).horizon;
  const sealed = { runs: marks.map(({ run }) => run), marks: marks.map(({ mark }) => mark) };
  const values = { project, x, kinds, keys, ...sealed };
  const [headerRows, tailRows] = await Promise.all([
    reader.read<HeadersRow>("seriesRollups", values),
    reader.read<TailRow>("seriesTail", { ...values, end: cursor, writers: query.writers === true }),
  ]);
  const chunks = new Map(headerRows.map((row) => [columnKey(row), row]));
  const tails = groupedBy(tailRows, columnKey, tailPointsOf);
  for (const { run, seqs } of tailRows)
    if (seqs.length > LONG_TAIL * BASE64_PER_INTEGER) reader.onLongTail(project, run);

  const lines = [...new Set(query.runs)].flatMap((run) => linesOf(run, wanted, chunks, tails, query));
  const thinned = lines.map((line) => fromRollUps(line, query));
  const rest = lines.filter((_, index) => thinned[index] === null);
  const points = await readPoints(reader, query, rest, new Map(marks.map(({ run, mark }) => [run, mark])));
  const series = lines.flatMap((line, index): Series[] => {
    const one = { run: line.run, ...line.identity };
    if (thinned[index]) return [{ ...one, ...thinned[index] }];
    if (line.isOfSeveral)
      return piecesByWriter(piecesOf(line, points)).map(([writer, pieces]) => ({
        ...{ ...one, writer },
        ...shaped(rawOf(pieces, true), query),
      }));
    return [{ ...one, ...shaped(rawOf(piecesOf(line, points), line.needsSeqs), query) }];
  });
  return { series: series.filter(({ total }) => total > 0), cursor };
}

const BASE64_PER_INTEGER = (8 * 4) / 3;

/** One series of the answer, and where its points stand. */
interface Line {
  run: string;
  identity: Pick<Series, "metric" | "split" | "level" | "writer">;
  /** The same metric, split and level may stand in the log in several forms. */
  parts: Part[];
  /** The log's order may not be the writers'. */
  needsSeqs: boolean;
  /** Several writers' points, which are asked for apart. */
  isOfSeveral: boolean;
}

interface Part extends StoredColumn {
  headers: ChunkHeader[];
  /** One, or one a writer. */
  tails: Points[];
}

interface StoredColumn {
  run: string;
  kind: string;
  key: string;
}

const columnKey = ({ run, kind, key }: StoredColumn): string => `${run}\n${kind}\n${key}`;

function linesOf(
  run: string,
  wanted: MetricKey[],
  chunks: Map<string, HeadersRow>,
  tails: Map<string, Points[]>,
  query: SeriesQuery,
): Line[] {
  const lines = new Map<string, Line & { writers: Set<string> }>();
  for (const { kind, key, metric, split, level } of wanted) {
    const column = { run, kind, key };
    const name = columnKey(column);
    const row = chunks.get(name);
    const part: Part = { ...column, headers: row === undefined ? [] : headersOf(row), tails: tails.get(name) ?? [] };
    if (part.headers.length === 0 && part.tails.length === 0) continue;
    const identity = `${metric}\n${split}\n${level}`;
    const line = lines.get(identity) ?? {
      ...{ run, identity: { metric, split, level }, parts: [], needsSeqs: false, isOfSeveral: false },
      writers: new Set<string>(),
    };
    line.parts.push(part);
    line.needsSeqs ||= line.parts.length > 1 || !isInOrder(part.headers, part.tails[0] ?? null);
    if (query.writers) {
      if (row !== undefined) line.writers.add(row.writer ?? UNNAMED);
      for (const tail of part.tails) line.writers.add(tail.writers as string);
      line.isOfSeveral ||= row?.several === true || line.writers.size > 1;
      line.needsSeqs ||= line.isOfSeveral;
      if (!line.isOfSeveral) line.identity.writer = [...line.writers][0] ?? UNNAMED;
    }
    lines.set(identity, line);
  }
  return [...lines.values()];
}

function fromRollUps({ parts: [part, ...more], isOfSeveral }: Line, query: SeriesQuery): ThinnedSeries | null {
  if (part === undefined || more.length > 0 || isOfSeveral || takesAll(query)) return null;
  const rolled = rolledSeries(part.headers, part.tails[0] ?? null, query);
  return rolled === null ? null : thin(rolled, query.points);
}

async function readPoints(
  reader: SeriesReader,
  query: SeriesQuery,
  lines: Line[],
  marks: Map<string, string>,
): Promise<Map<string, Points[]>> {
  const parts = lines.flatMap((line) =>
    line.parts.filter(({ headers }) => headers.length > 0).map((part) => ({ ...part, needsSeqs: line.needsSeqs })),
  );
  if (parts.length === 0) return new Map();
  const rows = await reader.read<PointsRow>("seriesPoints", {
    project: query.project,
    x: query.x,
    runs: parts.map(({ run }) => run),
    marks: parts.map(({ run }) => marks.get(run)),
    kinds: parts.map(({ kind }) => kind),
    keys: parts.map(({ key }) => key),
    needs_seqs: parts.map(({ needsSeqs }) => needsSeqs),
    writers: query.writers === true,
  });
  return groupedBy(rows, columnKey, pointsOf);
}

const piecesOf = ({ parts }: Line, points: Map<string, Points[]>): Points[] =>
  parts.flatMap((part) => [...(points.get(columnKey(part)) ?? []), ...part.tails]);

function rawOf(pieces: Points[], needsSeqs: boolean): RawSeries {
  const length = pieces.reduce((sum, { y }) => sum + y.length, 0);
  const raw = { x: new Float64Array(length), y: new Float64Array(length) };
  const seq = new BigInt64Array(needsSeqs ? length : 0);
  let at = 0;
  for (const piece of pieces) {
    raw.x.set(piece.x, at);
    raw.y.set(piece.y, at);
    if (needsSeqs) seq.set(piece.seqs as BigInt64Array, at);
    at += piece.y.length;
  }
  return needsSeqs ? { ...raw, seq } : raw;
}
