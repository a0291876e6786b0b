/**
 * A curve to be averaged: x and y of one run. Gaps are null; x may step back where a run was
 * resumed.
 */
export interface Curve {
  x: readonly number[];
  y: readonly (number | null)[];
}

export interface Band {
  x: number[];
  mean: number[];
  low: number[];
  high: number[];
}

export type BandKind = "std" | "range";

const MOST_POINTS = 500;

/**
 * Mean and band of several curves: at each x the runs that reach so far count, read by linear
 * interpolation between their own points. `std` is the mean ± one sample standard deviation,
 * `range` lowest to highest.
 */
export function bandOf(curves: readonly Curve[], kind: BandKind): Band {
  const lines = curves.map(ascending).filter((line) => line.x.length > 0);
  const band: Band = { x: [], mean: [], low: [], high: [] };
  const next = lines.map(() => 0);
  for (const x of sharedX(lines)) {
    const values: number[] = [];
    lines.forEach((line, i) => {
      let at = next[i]!;
      while (at < line.x.length && line.x[at]! < x) at++;
      next[i] = at;
      const value = valueAt(line, at, x);
      if (value !== null) values.push(value);
    });
    if (values.length === 0) continue;
    // Shares are added and not values, whose sum may be beyond the doubles.
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const spread = kind === "std" ? deviation(values, mean) : 0;
    band.x.push(x);
    band.mean.push(mean);
    band.low.push(kind === "std" ? mean - spread : Math.min(...values));
    band.high.push(kind === "std" ? mean + spread : Math.max(...values));
  }
  return band;
}

interface Line {
  x: number[];
  y: number[];
}

/**
 * Sorted by x and without gaps; of several values at one x the last written wins, as for a resumed
 * run.
 */
function ascending(curve: Curve): Line {
  const byX = new Map<number, number>();
  curve.x.forEach((x, i) => {
    const y = curve.y[i];
    if (y !== null && y !== undefined) byX.set(x, y);
  });
  const entries = [...byX].sort((a, b) => a[0] - b[0]);
  return { x: entries.map(([x]) => x), y: entries.map(([, y]) => y) };
}

function sharedX(lines: readonly Line[]): number[] {
  const all = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  if (all.length <= MOST_POINTS) return all;
  const first = all[0]!;
  const step = (all.at(-1)! - first) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => (i === MOST_POINTS - 1 ? all.at(-1)! : first + i * step));
}

function valueAt(line: Line, at: number, x: number): number | null {
  if (at === line.x.length) return null;
  const [rightX, rightY] = [line.x[at]!, line.y[at]!];
  if (rightX === x) return rightY;
  if (at === 0) return null;
  const [leftX, leftY] = [line.x[at - 1]!, line.y[at - 1]!];
  return leftY + ((rightY - leftY) * (x - leftX)) / (rightX - leftX);
}

/**
 * Sample standard deviation, scaled by the largest difference, whose square may be beyond the
 * doubles.
 */
function deviation(values: readonly number[], mean: number): number {
  const largest = Math.max(...values.map((value) => Math.abs(value - mean)));
  if (values.length < 2 || largest === 0) return 0;
  const squares = values.reduce((sum, value) => sum + ((value - mean) / largest) ** 2, 0);
  return largest * Math.sqrt(squares / (values.length - 1));
}

/** Runs by the value of one param, in the values' own order; a run without it is left out. */
export function groupsBy<T extends { params: Record<string, unknown> }>(
  runs: readonly T[],
  param: string,
): { value: string; runs: T[] }[] {
  const groups = new Map<string, T[]>();
  for (const run of runs) {
    const value = run.params[param];
    if (value === undefined || value === null) continue;
    const key = typeof value === "object" ? JSON.stringify(value) : String(value);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups]
    .map(([value, members]) => ({ value, runs: members }))
    .sort((a, b) => Number(a.value) - Number(b.value) || a.value.localeCompare(b.value, undefined, { numeric: true }));
}
