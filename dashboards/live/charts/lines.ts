import type { RunWithSummary, Split } from "../../../functions/stores/store.ts";
import { widened } from "../data/mean-buckets.ts";
import { isShare } from "../data/metric-names.ts";
import type { LiveSeries, SeriesStore } from "../data/series-store.ts";
import { formatNumber } from "../layout/format.ts";
import type { Axis, View } from "../view.ts";
import { isTooLarge } from "./axes.ts";
import { type BandKind, bandOf, type Curve, groupsBy } from "./grouping.ts";
import { smooth } from "./smoothing.ts";

export type XY = [x: number, y: number | null];

/** A value that cannot be drawn, shown beside its neighbour. */
export interface Mark {
  x: number;
  y: number;
  name: string;
}

/** One line of a chart, ready to be drawn. Times relative to a start are in seconds. */
export interface ChartLine {
  id: string;
  /** The run or the group's value. */
  owner: string;
  /** What has a colour: the owner, or one of several writers of a run. */
  hue: string;
  label: string;
  split: Split;
  points: XY[];
  /** The values as they are, where `points` are smoothed. */
  raw: XY[] | null;
  band: [x: number, low: number, high: number][] | null;
  /** Values that no axis can hold. */
  marks: Mark[];
  /** Points that are NaN or infinite. */
  notFinite: number;
  total: number;
  /** The last value that was sent, finite or not, not smoothed; null without points. */
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
  store: Pick<SeriesStore, "of">,
  run: string,
  metric: string,
  split: Split,
  x: Axis,
): LiveSeries[] {
  if (x === "epoch") return store.of(run, metric, split, "epoch");
  const levels = split === "train" ? (["batch", "epoch"] as const) : (["epoch", "batch"] as const);
  for (const level of levels) {
    const series = store.of(run, metric, split, level);
    if (series.some(({ x }) => x.length > 0)) return series;
  }
  return [];
}

/** One of several writers of a run, as it is named beside the lines, and what has its colour. */
export interface WriterOfRun {
  hue: string;
  writer: string;
  label: string;
}

/** The writers of a run where there are several: the first has the run's own colour. */
export function writersOf(store: Pick<SeriesStore, "writersOf">, run: Pick<RunWithSummary, "run" | "name">) {
  const writers = store.writersOf(run.run);
  if (writers.length < 2) return [];
  return writers.map(
    (writer, index): WriterOfRun => ({
      hue: index === 0 ? run.run : JSON.stringify([run.run, writer]),
      writer,
      label: `${run.name} · ${writer === "" ? "unnamed writer" : `writer ${writer}`}`,
    }),
  );
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
  store: Pick<SeriesStore, "of" | "writersOf">,
  settings: LineSettings,
): ChartLine[] {
  return shownSplits(settings.splits).flatMap((split) => {
    const curves = runs.flatMap((run) => {
      const series = seriesFor(store, run.run, metric, split, settings.x).filter(({ x }) => x.length > 0);
      return series.length > 0 ? [{ run, series }] : [];
    });
    if (settings.groupBy === null)
      return curves.flatMap(({ run, series }) => {
        const writers = new Map(writersOf(store, run).map((one) => [one.writer, one]));
        return series.map((one) => lineOf(run, one, settings, writers.get(one.writer)));
      });
    const seriesOf = new Map(curves.map(({ run, series }) => [run, series]));
    return groupsBy([...seriesOf.keys()], settings.groupBy).map((group) =>
      groupLine(settings.groupBy!, group, seriesOf, split, settings),
    );
  });
}

const lineCache = new WeakMap<LiveSeries, ChartLine>();

function lineOf(
  run: RunWithSummary,
  series: LiveSeries,
  settings: LineSettings,
  { hue, label }: Pick<WriterOfRun, "hue" | "label"> = { hue: run.run, label: run.name },
): ChartLine {
  const version = [series.version, settings.x, settings.smoothing, hue, label, run.started_at].join(" ");
  const cached = lineCache.get(series);
  if (cached?.version === version) return cached;
  const x = xOf(run, series, settings.x);
  const { y, marks } = drawable(series);
  const drawn = smoothedOf(series, y, settings.smoothing);
  const line: ChartLine = {
    id: `${hue} ${series.split}`,
    ...{ owner: run.run, hue, label },
    split: series.split,
    points: x.map((at, i): XY => [at, drawn[i]!]),
    raw: settings.smoothing > 0 ? x.map((at, i): XY => [at, y[i]!]) : null,
    band: null,
    marks: marksOf(x, drawn, marks),
    notFinite: series.marks.length,
    total: series.total,
    last: lastSent(series),
    version,
  };
  lineCache.set(series, line);
  return line;
}

/**
 * The smoothed line that came with a series, which is of all its points; of the points that there
 * are until it comes.
 */
function smoothedOf(series: LiveSeries, y: LiveSeries["y"], weight: number): LiveSeries["y"] {
  if (weight === 0 || series.smoothed === undefined) return smooth(y, weight);
  return series.smoothed.map((value) => (isTooLarge(value) ? null : value));
}

/** By the series of a group's first run. */
const groupCache = new WeakMap<LiveSeries, ChartLine>();

function groupLine(
  param: string,
  group: { value: string; runs: RunWithSummary[] },
  seriesOf: ReadonlyMap<RunWithSummary, LiveSeries[]>,
  split: Split,
  settings: LineSettings,
): ChartLine {
  const all = group.runs.flatMap((run) => seriesOf.get(run)!.map((series) => ({ run, series })));
  const versions = all.map(({ run, series }) => `${run.run} ${run.started_at} ${series.version}`);
  const version = [param, group.value, settings.x, settings.smoothing, settings.band, ...versions].join(" ");
  const first = all[0]!.series;
  const cached = groupCache.get(first);
  if (cached?.version === version) return cached;
  // Means of buckets of one width, and what was not read as means as it is.
  const width = Math.max(...all.map(({ series }) => series.width ?? 0));
  const members = all.map(({ run, series }) => {
    const means = series.counts === undefined ? series : { ...series, ...widened(series, width) };
    return { run, series, isMean: series.counts !== undefined, x: xOf(run, means, settings.x), ...drawable(means) };
  });
  const curves = group.runs.map((run) => {
    const own = members
      .filter((member) => member.run === run)
      .map(({ x, y, isMean }) => ({ x, y: isMean ? y : smooth(y, settings.smoothing) }));
    return own.length === 1 ? own[0]! : meanOf(own);
  });
  const band = bandOf(curves, settings.band);
  const [lowest, highest] = limitsOf(first.metric, members);
  const line: ChartLine = {
    id: `${param}=${group.value} ${split}`,
    owner: `${param}=${group.value}`,
    hue: `${param}=${group.value}`,
    label: `${param} = ${group.value} (${group.runs.length})`,
    split,
    points: band.x.map((x, i): XY => [x, band.mean[i]!]),
    raw: null,
    band: band.x.map((x, i) => [x, Math.max(lowest, band.low[i]!), Math.min(highest, band.high[i]!)]),
    marks: members.flatMap(({ x, y, marks }) => marksOf(x, y, marks)),
    notFinite: members.reduce((sum, { series }) => sum + series.marks.length, 0),
    total: members.reduce((sum, { series }) => sum + series.total, 0),
    last: band.mean.at(-1) ?? null,
    version,
  };
  groupCache.set(first, line);
  return line;
}

/** The writers of a run count as one. */
function meanOf(curves: readonly Curve[]): Curve {
  const { x, mean } = bandOf(curves, "range");
  return { x, y: mean };
}

/** A band of shares does not leave 0 to 1, where no run has. */
function limitsOf(metric: string, members: readonly Pick<LiveSeries, "y">[]): [number, number] {
  const isWithin = ({ y }: Pick<LiveSeries, "y">) => y.every((value) => value === null || (value >= 0 && value <= 1));
  return isShare(metric) && members.every(isWithin) ? [0, 1] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

function xOf(run: RunWithSummary, series: Pick<LiveSeries, "x" | "width">, x: Axis): readonly number[] {
  const middle = ((series.width ?? 1) - 1) / 2;
  if (x !== "time") return middle === 0 ? series.x : series.x.map((at) => at + middle);
  const start = Date.parse(run.started_at);
  return series.x.map((at) => (at + middle - start) / 1000);
}

/** A series with gaps for what is too large to draw, which is marked like what is not finite. */
function drawable({ y, marks }: Pick<LiveSeries, "y" | "marks">): Pick<LiveSeries, "y" | "marks"> {
  if (!y.some(isTooLarge)) return { y, marks };
  const large = y.flatMap((value, i): [number, string][] => (isTooLarge(value) ? [[i, formatNumber(value)]] : []));
  return { y: y.map((value) => (isTooLarge(value) ? null : value)), marks: [...marks, ...large] };
}

function lastSent({ y, marks }: LiveSeries): number | null {
  const value = y.at(-1);
  if (value !== null) return value ?? null;
  const name = marks.find(([index]) => index === y.length - 1)?.[1];
  return name === undefined ? null : Number(name);
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
