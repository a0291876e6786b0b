import { parseArgs } from "node:util";
import { bandOf } from "../dashboards/live/charts/grouping.ts";
import { createSmoother } from "../functions/stores/smoothing.ts";
import type { Series } from "../functions/stores/store.ts";
import { spiky } from "../test/functions/stores/spiky.ts";
import { ask } from "./ask.ts";
import { send } from "./live.ts";
import { type RunningStack, runStack } from "./processes.ts";
import { print, publish, round } from "./results.ts";
import { untilSealed } from "./sealed.ts";

const HELP = `npm run bench -- smoothing [options]

Compares what is drawn of two runs full of spikes, on PostgreSQL over HTTP, with what all of their points say.

  --points N   points a run (default 1000000: some minutes)
  --help

bench/results/smoothing.md is written by the default alone. It exits with 1 where a difference is 0.5 % or more.`;

const QUESTION =
  "How far is what the page draws from what all points say? Two runs of 1,000,000 steps, a spike of 10 in every 37, are asked for with 500 points a line over HTTP: their smoothed lines, and the mean of both, plain and smoothed. The largest difference at any x that is drawn, in % of the range of the values, over all of the axis and over the last 1/10 and 1/100 of it.";

const POINTS = 1_000_000;
const WEIGHTS = [0, 0.6, 0.9, 0.99];
const ZOOMS = [1, 10, 100];
const RUNS = [0, 1];
const REQUEST = 1_000;
/** Requests that are under way beside each other. */
const BESIDE = 5;
/** Of the range of the values, in %. */
const MOST = 0.5;

export async function smoothing(): Promise<void> {
  const { values: options } = parseArgs({
    args: process.argv.slice(3),
    options: { points: { type: "string", default: String(POINTS) }, help: { type: "boolean", default: false } },
  });
  if (options.help) return console.log(HELP);
  const points = Number(options.points);
  if (!Number.isInteger(points) || points < 1_000)
    throw new Error(`--points ${options.points}: give a whole number from 1000 on.`);
  const stack = await runStack();
  try {
    for (const run of RUNS) await fill(stack, run, points);
    await untilSealed(stack.writerUrl);
    const values = RUNS.map((run) => Float64Array.from({ length: points }, (_, step) => spiky(step, run)));
    const [low, high] = [Math.min, Math.max].map((end) =>
      values.reduce((found, own) => own.reduce((a, b) => end(a, b), found), values[0]?.[0] as number),
    ) as [number, number];
    const rows: Record<string, string | number>[] = [];
    for (const weight of WEIGHTS) {
      const exact = values.map((own) => (weight === 0 ? own : own.map(createSmoother(weight))));
      if (weight > 0) rows.push(row(`smoothed by ${weight}`, await lines(stack, exact, weight), points, high - low));
      const name = weight === 0 ? "mean of both" : `mean of both, smoothed by ${weight}`;
      rows.push(row(name, await means(stack, exact, weight), points, high - low));
    }
    if (points === POINTS) publish("smoothing", QUESTION, rows);
    else print(rows);
    const worst = Math.max(...rows.flatMap((one) => ZOOMS.map((zoom) => one[columnOf(zoom)] as number)));
    if (!(worst < MOST)) throw new Error(`A difference of ${worst} % is not below ${MOST} %.`);
  } finally {
    await stack.stop();
  }
}

async function fill({ endpoint }: RunningStack, run: number, points: number): Promise<void> {
  let next = 0;
  const sender = async () => {
    while (next < points) {
      const from = next;
      next += REQUEST;
      const steps = Array.from({ length: Math.min(REQUEST, points - from) }, (_, at) => from + at);
      await send(
        endpoint,
        steps.map((step) => ({
          run_id: nameOf(run),
          event_id: `${run}-${step}`,
          writer: "0",
          seq: step,
          kind: "on_train_batch_end",
          step,
          logs: { loss: spiky(step, run) },
        })),
      );
      if (process.stderr.isTTY) process.stderr.write(`\rrun ${run + 1} of 2: ${Math.round((from / points) * 100)} %  `);
    }
  };
  await Promise.all(Array.from({ length: BESIDE }, sender));
  process.stderr.write("\r");
}

const nameOf = (run: number): string => `spiky-${run}`;

/** What is drawn at x, and what all points say there. */
interface Drawn {
  x: number;
  drawn: number;
  exact: number;
}

async function seriesOf({ endpoint }: RunningStack, weight: number, how = ""): Promise<Series[]> {
  const runs = RUNS.map((run) => `run=${nameOf(run)}`).join("&");
  const shape = `x=step&points=500${weight > 0 ? `&smoothing=${weight}` : ""}${how}`;
  const { body } = await ask(endpoint, `/v1/series?metric=loss&level=batch&${runs}&${shape}`);
  return (body as { series: Series[] }).series;
}

/** The smoothed lines of both runs. */
async function lines(stack: RunningStack, exact: Float64Array[], weight: number): Promise<Drawn[]> {
  const series = await seriesOf(stack, weight);
  return series.flatMap(({ run, x, smoothed }) =>
    x.map((step, at) => ({
      x: step,
      drawn: smoothed?.[at] as number,
      exact: (exact[RUNS.findIndex((one) => nameOf(one) === run)] as Float64Array)[step] as number,
    })),
  );
}

/** The mean of both runs as a group, against that of all points of each bucket. */
async function means(stack: RunningStack, exact: Float64Array[], weight: number): Promise<Drawn[]> {
  const series = await seriesOf(stack, weight, "&means=true");
  const { x, mean } = bandOf(series as { x: number[]; y: (number | null)[] }[], "std");
  const width = series[0]?.width as number;
  return x.map((begin, at) => ({ x: begin, drawn: mean[at] as number, exact: meanOf(exact, begin, width) }));
}

function meanOf(values: Float64Array[], from: number, width: number): number {
  const own = values.flatMap((line) => [...line.subarray(from, from + width)]);
  return own.reduce((sum, value) => sum + value / own.length, 0);
}

const columnOf = (zoom: number): string => (zoom === 1 ? "all, %" : `last 1/${zoom}, %`);

function row(name: string, drawn: Drawn[], points: number, range: number): Record<string, string | number> {
  const worst = (zoom: number) => {
    const seen = drawn.filter(({ x }) => x >= points - points / zoom);
    if (seen.length === 0) throw new Error(`${name}: nothing is drawn of the last 1/${zoom}.`);
    return seen.reduce((found, one) => Math.max(found, Math.abs(one.drawn - one.exact)), 0);
  };
  const shares = ZOOMS.map((zoom) => [columnOf(zoom), round((worst(zoom) / range) * 100, 6)] as const);
  return { line: name, "points drawn": drawn.length, ...Object.fromEntries(shares), limit: `below ${MOST}` };
}
