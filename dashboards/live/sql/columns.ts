import type { SqlResult } from "../../../functions/stores/store.ts";
import { isTooLarge } from "../charts/axes.ts";
import { numberOf } from "../data/numbers.ts";

export type ColumnKind = "number" | "time" | "text";
export type SqlChartKind = "line" | "bar" | "scatter";

export interface SqlChartChoice {
  kind: SqlChartKind;
  /** Indices of columns. */
  x: number;
  y: number;
  /**
   * One line, or set of bars, per combination of values of these columns; none draws all as one.
   */
  by: readonly number[];
}

/** A cell as a number: databases give exact decimals and 64-bit integers as text. */
export function cellNumber(cell: unknown): number | null {
  if (typeof cell === "string") return cell.trim() !== "" && Number.isFinite(Number(cell)) ? Number(cell) : null;
  const number = numberOf(cell);
  return number === undefined || !Number.isFinite(number) ? null : number;
}

const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/;

export const cellTime = (cell: unknown): number | null =>
  typeof cell === "string" && ISO.test(cell) && !Number.isNaN(Date.parse(cell)) ? Date.parse(cell) : null;

/** What a column holds, by all of its cells that are not null. */
export function columnKinds({ columns, rows }: SqlResult): ColumnKind[] {
  return columns.map(({ name }, i) => {
    // An id may be written in digits and is no number.
    if (name === "run") return "text";
    const cells = rows.map((row) => row[i]).filter((cell) => cell !== null && cell !== undefined);
    if (cells.length === 0) return "text";
    if (cells.every((cell) => cellNumber(cell) !== null || numberOf(cell) !== undefined)) return "number";
    return cells.every((cell) => cellTime(cell) !== null) ? "time" : "text";
  });
}

const X_NAMES = /^(epoch|step|batch|seq|x|ts|time|at|day|hour|minute|date|created_at|received_at|started_at|bucket)$/i;

/**
 * A chart that suits a result: a line over time, epoch or step, per value of a text column that
 * splits it; bars for a text and a number; dots for two numbers that no name tells apart. null
 * where nothing can be drawn.
 */
export function chooseChart(result: SqlResult): SqlChartChoice | null {
  const kinds = columnKinds(result);
  const of = (kind: ColumnKind) => kinds.flatMap((one, i) => (one === kind ? [i] : []));
  const numbers = of("number");
  if (result.rows.length === 0 || numbers.length === 0) return null;
  const named = (i: number) => X_NAMES.test(result.columns[i]!.name);
  // An epoch or a step says where something was, not what.
  const values = numbers.filter((i) => !named(i));
  const x = [...of("time"), ...numbers].find(named) ?? of("time")[0];
  if (x !== undefined) {
    const y = yColumn(
      result,
      values.filter((i) => i !== x),
    );
    if (y !== undefined) return { kind: "line", x, y, by: splitters(result, x, of("text")) };
  }
  const label = labelColumn(result, of("text"));
  if (label !== null) {
    const y = yColumn(result, values);
    return y === undefined ? null : { kind: "bar", x: label, y, by: [] };
  }
  const [first, second] = numbers;
  return second === undefined ? null : { kind: "scatter", x: first!, y: second, by: [] };
}

const yColumn = ({ columns }: SqlResult, candidates: readonly number[]) =>
  candidates.find((i) => /^(value|best|last|mean|avg)/i.test(columns[i]!.name)) ?? candidates[0];

const distinct = ({ rows }: SqlResult, i: number) => new Set(rows.map((row) => String(row[i]))).size;

const keyOf = (row: readonly unknown[], columns: readonly number[]) => JSON.stringify(columns.map((i) => row[i]));

/**
 * The fewest text columns that leave one value for each x of a line, those with the most values
 * first. A column that is different in every row names rows and not lines, and comes last.
 */
function splitters(result: SqlResult, x: number, texts: readonly number[]): number[] {
  const { rows } = result;
  const candidates = texts
    .map((i) => ({ i, count: distinct(result, i) }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => Number(a.count === rows.length) - Number(b.count === rows.length) || b.count - a.count);
  const keysWith = (by: readonly number[]) => new Set(rows.map((row) => keyOf(row, [...by, x]))).size;
  const by: number[] = [];
  let keys = keysWith(by);
  for (const { i } of candidates) {
    if (keys === rows.length) break;
    const more = keysWith([...by, i]);
    if (more === keys) continue;
    by.push(i);
    keys = more;
  }
  return by;
}

/** The text column that names the rows best. */
const labelColumn = (result: SqlResult, texts: readonly number[]): number | null =>
  [...texts].sort((a, b) => distinct(result, b) - distinct(result, a))[0] ?? null;

export interface SqlSeries {
  name: string;
  points: [x: number | string, y: number | null][];
}

/**
 * The rows as series; a row whose x cannot be read is left out, and what is too large for an axis
 * is a gap. `nameOf` gives the name that the
 * page shows for a run.
 */
export function seriesOfRows(
  result: SqlResult,
  choice: SqlChartChoice,
  nameOf: (run: string) => string = (run) => run,
): SqlSeries[] {
  const cellName = (column: number, cell: unknown) =>
    result.columns[column]!.name === "run" ? nameOf(String(cell)) : String(cell);
  const kind = columnKinds(result)[choice.x]!;
  const read = { number: cellNumber, time: cellTime, text: (cell: unknown) => String(cell) }[kind];
  const series = new Map<string, SqlSeries>();
  for (const row of result.rows) {
    const x = choice.kind === "bar" ? String(row[choice.x]) : read(row[choice.x]);
    if (x === null || (typeof x === "number" && isTooLarge(x))) continue;
    const name =
      choice.by.length === 0 ? result.columns[choice.y]!.name : choice.by.map((i) => cellName(i, row[i])).join(" · ");
    const key = keyOf(row, choice.by);
    const one = series.get(key) ?? { name, points: [] };
    series.set(key, one);
    const y = cellNumber(row[choice.y]);
    one.points.push([x, isTooLarge(y) ? null : y]);
  }
  const all = [...series.values()];
  if (choice.kind === "line" && kind !== "text")
    for (const one of all) one.points.sort((a, b) => Number(a[0]) - Number(b[0]));
  return all;
}
