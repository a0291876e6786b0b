import type { RunWithSummary, Split } from "../../../functions/stores/store.ts";
import type { LiveSeries, SeriesStore } from "../data/series-store.ts";
import type { Axis, View } from "../view.ts";
import { type BandKind, bandOf, groupsBy } from "./grouping.ts";
import { smooth } from "./smoothing.ts";

export type XY = [x: number, y: number | null];

/** A value that is not finite, shown beside its neighbour. */
export interface Mark {
  x: number;
  y: number;
  name: string;
}

/** One line of a chart, ready to be drawn. Times relative to a start are in seconds. */
export interface ChartLine {
  id: string;
  /** The run or the group's value; decides the colour. */
  owner: string;
  label: string;
  split: Split;
  points: XY[];
  /** The values as they are, where `points` are smoothed. */
  raw: XY[] | null;
  band: [x: number, low: number, high: number][] | null;
  marks: Mark[];
  total: number;
  /** The last finite value that was sent, not smoothed. */
  last: number | null;
  /** Changes with what is drawn. */
  version: string;
}

export interface LineSettings {
  x: Axis;
  smoothing: number;
  splits: "all" | "train" | "validation";
  groupBy: string | null;
  band: BandKind;
}

const SPLITS: readonly Split[] = ["train", "validation", "test"];

/**
 * The series of a metric to be drawn on an axis. By epoch: the values per epoch. On the other axes
 * training goes by batch and validation by epoch, each by the other where it has nothing.
 */
export function seriesFor(
  store: Pick<SeriesStore, "get">,
  run: string,
  metric: string,
  split: Split,
  x: Axis,
): LiveSeries | null {
  if (x === "epoch") return store.get(run, metric, split, "epoch") ?? null;
  const levels = split === "train" ? (["batch", "epoch"] as const) : (["epoch", "batch"] as const);
  for (const level of levels) {
    const series = store.get(run, metric, split, level);
    if (series && series.x.length > 0) return series;
  }
  return null;
}

/** The splits that are drawn: `validation` stands for all that is not training. */
export const shownSplits = (splits: LineSettings["splits"]) =>
  SPLITS.filter((split) => splits === "all" || (splits === "train") === (split === "train"));

export const settingsOf = ({ smoothing, splits, groupBy, band }: Readonly<View>, x: Axis): LineSettings => ({
  x,
  smoothing,
  splits,
  groupBy,
  band,
});

export function linesOf(
  metric: string,
  runs: readonly RunWithSummary[],
  store: Pick<SeriesStore, "get">,
  settings: LineSettings,
): ChartLine[] {
  return shownSplits(settings.splits).flatMap((split) => {
    const curves = runs.flatMap((run) => {
      const series = seriesFor(store, run.run, metric, split, settings.x);
      return series && series.x.length > 0 ? [{ run, series }] : [];
    });
    if (settings.groupBy === null) return curves.map(({ run, series }) => lineOf(run, series, settings));
    const seriesOf = new Map(curves.map(({ run, series }) => [run, series]));
    return groupsBy([...seriesOf.keys()], settings.groupBy).map((group) =>
      groupLine(settings.groupBy!, group, seriesOf, split, settings),
    );
  });
}

const lineCache = new WeakMap<LiveSeries, ChartLine>();

function lineOf(run: RunWithSummary, series: LiveSeries, settings: LineSettings): ChartLine {
  const version = [series.version, settings.x, settings.smoothing, run.name, run.started_at].join(" ");
  const cached = lineCache.get(series);
  if (cached?.version === version) return cached;
  const x = xOf(run, series, settings.x);
  const drawn = smooth(series.y, settings.smoothing);
  const line: ChartLine = {
    id: `${run.run} ${series.split}`,
    owner: run.run,
    label: run.name,
    split: series.split,
    points: x.map((at, i): XY => [at, drawn[i]!]),
    raw: settings.smoothing > 0 ? x.map((at, i): XY => [at, series.y[i]!]) : null,
    band: null,
    marks: marksOf(x, drawn, series.marks),
    total: series.total,
    last: series.y.findLast((value) => value !== null) ?? null,
    version,
  };
  lineCache.set(series, line);
  return line;
}

/** By the series of a group's first run. */
const groupCache = new WeakMap<LiveSeries, ChartLine>();

function groupLine(
  param: string,
  group: { value: string; runs: RunWithSummary[] },
  seriesOf: ReadonlyMap<RunWithSummary, LiveSeries>,
  split: Split,
  settings: LineSettings,
): ChartLine {
  const versions = group.runs.map((run) => `${run.run} ${run.started_at} ${seriesOf.get(run)!.version}`);
  const version = [param, group.value, settings.x, settings.smoothing, settings.band, ...versions].join(" ");
  const first = seriesOf.get(group.runs[0]!)!;
  const cached = groupCache.get(first);
  if (cached?.version === version) return cached;
  const members = group.runs.map((run) => {
    const series = seriesOf.get(run)!;
    return { series, x: xOf(run, series, settings.x) };
  });
  const band = bandOf(
    members.map(({ series, x }) => ({ x, y: smooth(series.y, settings.smoothing) })),
    settings.band,
  );
  const line: ChartLine = {
    id: `${param}=${group.value} ${split}`,
    owner: `${param}=${group.value}`,
    label: `${param} = ${group.value} (${members.length})`,
    split,
    points: band.x.map((x, i): XY => [x, band.mean[i]!]),
    raw: null,
    band: band.x.map((x, i) => [x, band.low[i]!, band.high[i]!]),
    marks: members.flatMap(({ series, x }) => marksOf(x, series.y, series.marks)),
    total: members.reduce((sum, { series }) => sum + series.total, 0),
    last: band.mean.at(-1) ?? null,
    version,
  };
  groupCache.set(first, line);
  return line;
}

function xOf(run: RunWithSummary, series: LiveSeries, x: Axis): readonly number[] {
  if (x !== "time") return series.x;
  const start = Date.parse(run.started_at);
  return series.x.map((at) => (at - start) / 1000);
}

/** At the height of the last finite value before, else of the first after. */
function marksOf(x: readonly number[], y: readonly (number | null)[], marks: LiveSeries["marks"]): Mark[] {
  return marks.flatMap(([index, name]) => {
    let near: number | null | undefined = null;
    for (let i = index; i >= 0 && near === null; i--) near = y[i] ?? null;
    near ??= y.slice(index).find((value) => value !== null);
    return [{ x: x[index]!, y: near ?? 0, name }];
  });
}

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
