import { formatClock } from "../layout/format.ts";
import type { Inks } from "../layout/theme.ts";
import type { Axis } from "../view.ts";
import {
  clippedRange,
  extentOf,
  isDrawnOnLog,
  leastRange,
  lowestOnLog,
  timeInterval,
  valuesExtent,
  valueTicks,
} from "./axes.ts";
import { type Chart, createChart, FONT } from "./echarts.ts";
import type { ChartLine } from "./lines.ts";
import { chartTooltip } from "./tooltip.ts";

export interface LineChartInput {
  lines: readonly ChartLine[];
  x: Axis;
  log: boolean;
  clip: boolean;
  /** The owner whose lines stand out; null treats all alike. */
  strong: string | null;
  /** What the x axis is called, where that is not by its kind. */
  xName?: string;
  /** Where the y axis ends, where that is not by the values. */
  ends?: [low: number | undefined, high: number | undefined];
  colorOf: (hue: string) => string;
  ink: Inks;
}

type SeriesOption = Record<string, unknown> & { id: string };

const DASH = { train: "solid", validation: [6, 4], test: [2, 3] } as const;

/** One metric over x for several runs. A redraw hands over only the lines that changed. */
export function createLineChart(element: HTMLElement) {
  const chart = createChart(element);
  let current: LineChartInput | null = null;
  const drawn = new Map<string, string>();
  let frame = "";

  chart.setOption({
    animation: false,
    textStyle: { fontFamily: FONT },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow:none",
      formatter: (hovered: unknown) => {
        const x = (hovered as { axisValue: number | string }[])[0]?.axisValue;
        return current && x !== undefined ? chartTooltip(current, Number(x)) : "";
      },
    },
  });

  return {
    update(input: LineChartInput) {
      current = input;
      const style = JSON.stringify([input.x, input.log, input.ink, input.strong]);
      const structure = `${style} ${input.lines.map((line) => `${line.id}${line.raw ? "r" : ""}${line.band ? "b" : ""}`)} ${input.lines.map((line) => input.colorOf(line.hue))}`;
      const anew = structure !== frame;
      frame = structure;
      if (anew) drawn.clear();
      const changed = input.lines.filter((line) => drawn.get(line.id) !== line.version);
      for (const line of changed) drawn.set(line.id, line.version);
      const series = changed.flatMap((line) => seriesOf(line, input));
      if (anew || changed.length > 0) series.push(marksSeries(input));
      chart.setOption(
        { grid: GRID, xAxis: xAxis(input), yAxis: yAxis(input), series },
        anew ? { replaceMerge: ["series"] } : { lazyUpdate: true },
      );
    },
    dispose: () => (chart as Chart).dispose(),
  };
}

const MOST_MARKS = 14;
const GRID = { left: 8, right: 14, top: 12, bottom: 20, containLabel: true };
const X_NAMES: Record<Axis, string> = { epoch: "epoch", step: "step", time: "time since the start", clock: "time" };

function seriesOf(line: ChartLine, { colorOf, log, strong, lines, ink }: LineChartInput): SeriesOption[] {
  const color = colorOf(line.hue);
  const back = strong !== null && strong !== line.owner;
  const positive = <T extends [number, number | null]>(points: readonly T[]) =>
    log ? points.map(([x, y]) => [x, isDrawnOnLog(y) ? y : null]) : points;
  const few = line.points.length === 1 || (line.points.length <= 40 && lines.length <= 6);
  const main: SeriesOption = {
    id: line.id,
    type: "line",
    data: positive(line.points),
    showSymbol: few,
    symbol: "circle",
    symbolSize: line.points.length === 1 ? 7 : 5,
    lineStyle: { color, width: strong === line.owner ? 2.4 : 1.7, type: DASH[line.split], opacity: back ? 0.8 : 1 },
    itemStyle: {
      color: line.split === "train" ? color : ink.surface,
      borderColor: color,
      borderWidth: 1.4,
      opacity: back ? 0.8 : 1,
    },
    emphasis: { disabled: true },
    z: back ? 3 : 4,
  };
  const all = [main];
  if (line.raw) {
    all.push({
      id: `${line.id} raw`,
      type: "line",
      data: positive(line.raw),
      showSymbol: false,
      silent: true,
      lineStyle: { color, width: 1, opacity: 0.22 },
      itemStyle: { color },
      emphasis: { disabled: true },
      z: 2,
    });
  }
  if (line.band) all.push(bandSeries(line, color, log));
  return all;
}

/**
 * One polygon from the low edge to the high edge and back; areas stacked on lines would not do on a
 * log axis.
 */
function bandSeries(line: ChartLine, color: string, log: boolean): SeriesOption {
  const band = line.band!.filter(([, low]) => !log || isDrawnOnLog(low));
  return {
    id: `${line.id} band`,
    type: "custom",
    silent: true,
    z: 1,
    clip: true,
    data: band.length > 1 ? band.map(([x, low, high]) => [x, low, high]) : [],
    encode: { x: 0, y: [1, 2] },
    renderItem: (params: { dataIndex: number }, api: { coord: (point: number[]) => number[] }) => {
      if (params.dataIndex > 0) return null;
      const low = band.map(([x, y]) => api.coord([x, y]));
      const high = band.map(([x, , y]) => api.coord([x, y])).reverse();
      return { type: "polygon", shape: { points: [...low, ...high] }, style: { fill: color, opacity: 0.16 } };
    },
  };
}

function marksSeries({ lines, colorOf, log, ink }: LineChartInput): SeriesOption {
  const lowest = log ? lowestOnLog(lines) : 0;
  return {
    id: "not finite",
    type: "scatter",
    symbolSize: 9,
    z: 6,
    silent: true,
    data: lines.flatMap((line) =>
      thinned(line.marks).map(({ x, y, name }) => ({
        value: [x, log && !isDrawnOnLog(y) ? lowest : y],
        symbol: "triangle",
        symbolRotate: name === "-Infinity" ? 180 : 0,
        itemStyle: {
          color: line.split === "train" ? colorOf(line.hue) : ink.surface,
          borderColor: colorOf(line.hue),
          borderWidth: 1.4,
        },
      })),
    ),
  };
}

/**
 * A run that broke early has hundreds; a row of single triangles says as much. The first always
 * stays.
 */
function thinned<T>(marks: readonly T[]): T[] {
  const every = Math.ceil(marks.length / MOST_MARKS);
  return marks.filter((_, i) => i % every === 0);
}

function xAxis({ x, lines, ink, xName = X_NAMES[x] }: LineChartInput) {
  const common = {
    type: x === "clock" ? "time" : "value",
    axisLine: { show: true, onZero: false, lineStyle: { color: ink.line } },
    axisTick: { show: true, length: 3, lineStyle: { color: ink.line } },
    axisLabel: { color: ink.muted, fontSize: 11, hideOverlap: true },
    splitLine: { show: false },
    axisPointer: { lineStyle: { color: ink.muted, type: "solid", width: 1, opacity: 0.6 } },
    min: "dataMin",
    max: "dataMax",
    name: xName,
    nameLocation: "middle",
    nameGap: 21,
    nameTextStyle: { color: ink.muted, fontSize: 11 },
  };
  if (x === "clock") return common;
  const [first, last] = extentOf(lines) ?? [0, 1];
  if (x === "time") {
    const axisLabel = { ...common.axisLabel, formatter: formatClock };
    return { ...common, min: 0, interval: timeInterval(last), axisLabel };
  }
  const room = first === last ? { min: first - 1, max: last + 1 } : {};
  return { ...common, ...room, minInterval: 1, interval: undefined };
}

function yAxis({ log, clip, lines, ink, ends = [undefined, undefined] }: LineChartInput) {
  const clipped = clip ? clippedRange(lines) : null;
  const extent = valuesExtent(lines);
  const range = clipped ?? (log || extent === null ? null : leastRange(extent));
  const ticks = valueTicks(extent, range, ink);
  return {
    ...ticks,
    type: log ? "log" : "value",
    scale: true,
    min: ends[0] ?? range?.[0],
    max: ends[1] ?? range?.[1],
    axisLabel: { ...ticks.axisLabel, showMinLabel: !range, showMaxLabel: !range },
  };
}
