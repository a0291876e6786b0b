import type { Split } from "../../../functions/stores/store.ts";
import { formatNumber } from "../layout/format.ts";
import type { Axis } from "../view.ts";
import { isDrawnOnLog } from "./axes.ts";
import type { ChartLine } from "./lines.ts";

/** Lines that are named in words; the rest are in the chart alone. */
const MOST_NAMED = 12;
const SHORT: Record<Split, string> = { train: "", validation: "val ", test: "test " };

const notFiniteIn = (lines: readonly ChartLine[]) => lines.reduce((sum, line) => sum + line.notFinite, 0);
const lastOf = (line: ChartLine, none: string) => (line.last === null ? none : formatNumber(line.last));

/** A chart in words, for who cannot see it. */
export function describeLines(metric: string, axis: string, lines: readonly ChartLine[], isLoaded: boolean): string {
  if (!isLoaded) return `${metric}: not loaded, as it is out of sight`;
  if (lines.length === 0) return `${metric}: no values on this axis yet`;
  const named = lines.slice(0, MOST_NAMED).map((line) => {
    const gone = line.notFinite > 0 ? `, ${line.notFinite} not finite` : "";
    return `${line.label} ${line.split}: ${lastOf(line, "no value")} after ${line.total} points${gone}`;
  });
  return `${metric} by ${axis}. ${named.join("; ")}`;
}

/** A chart in numbers, for tests and scripts: each becomes a `data-` attribute. */
export function measureLines(lines: readonly ChartLine[], focus: string | null) {
  const own = linesOfOwner(lines, focus);
  return {
    points: lines.reduce((sum, line) => sum + line.total, 0),
    lines: lines.length,
    "not-finite": notFiniteIn(lines),
    last: (own.find((line) => line.split === "train") ?? own[0] ?? lines[0])?.last ?? null,
  };
}

/** The last values of the run in focus, or of all lines where there are no more than two. */
export function lastValues(lines: readonly ChartLine[], focus: string | null): string {
  const own = linesOfOwner(lines, focus);
  const few = own.length > 0 ? own : lines.length <= 2 ? lines : [];
  const texts = few.map((line) => `${SHORT[line.split]}${lastOf(line, "–")}`);
  const gone = notFiniteIn(few);
  return [...texts, ...(gone > 0 ? [`${gone} not finite`] : [])].join("  ·  ");
}

/** Why a chart that is loaded shows nothing; null where it shows something. */
export function reasonForNothing(
  lines: readonly ChartLine[],
  axis: Axis,
  isLog: boolean,
  groupBy: string | null,
): string | null {
  const name = axis === "clock" ? "time" : axis;
  if (lines.length === 0) {
    return groupBy === null ? `No values by ${name} yet.` : `No values by ${name} in runs with ${groupBy}.`;
  }
  const values = lines.flatMap((line) => line.points.map(([, y]) => y));
  if (isLog && !values.some(isDrawnOnLog)) return "No value above 0 to draw on a logarithmic axis.";
  return null;
}

const linesOfOwner = (lines: readonly ChartLine[], owner: string | null) =>
  lines.filter((line) => line.owner === owner);
