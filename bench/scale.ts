import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ask, sorted } from "./ask.ts";
import { cpuSeconds, type RunningStack, runStack } from "./processes.ts";
import { print, publish, round } from "./results.ts";
import { QUESTIONS, type Question, RUNS_ASKED } from "./scale-questions.ts";
import { fillScaleRuns, METRICS, nameOf, STEPS } from "./scale-runs.ts";
import { untilSealed } from "./sealed.ts";

/** Events with their indexes, chunks and write-ahead log. */
const BYTES_A_POINT = 170;

const HELP = `npm run bench -- scale [options]

Fills one store on PostgreSQL, over HTTP, to each size in turn, and asks the same questions there.

  --points LIST    sizes in million points, rising (default 2.5,25,100)
  --only LIST      questions: ${Object.keys(QUESTIONS).join(", ")}
  --repeats N      how often each is asked (default 21)
  --data FOLDER    a folder that is kept, for EXPLAIN afterwards
  --help

bench/results/scale.md is written by the sizes and questions of the default alone. 100 million points take about
${Math.round((100e6 * BYTES_A_POINT) / 1e9)} GB, in TMPDIR unless --data says otherwise, and a quarter of an hour on two quiet cores.`;

const QUESTION =
  "What depends on the size of the log? One store is filled over HTTP with runs of 10,000 steps and 5 metrics; at each size the same is asked of runs spread over all of it, p50 in ms over HTTP, with token and gzip. The list and the page show 50 runs, whatever there are.";
const SIZES = "2.5,25,100";
/** Events between two looks at the clock: two of these are what intake is measured over. */
const SLICE = 50 * STEPS;
const MOST = 1.5;
const LEAST_INTAKE = 0.9;
/** Autovacuum looks at tables once a minute. */
const SETTLE_MS = 60_000;
const IDLE_CPU = 0.1;

interface Slice {
  events: number;
  seconds: number;
}

export async function scale(): Promise<void> {
  const options = read(process.argv.slice(3));
  if (options === null) return console.log(HELP);
  const { sizes, questions, repeats } = options;
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "integraviz-scale-")));
  await requireRoom(data, Math.max(...sizes));
  const stack = await runStack({ data });
  try {
    const slices: Slice[] = [];
    const columns: Record<string, number>[] = [];
    await fillScaleRuns(stack.endpoint, { project: "warm-up", from: 0, to: 10 });
    let runs = 0;
    for (const size of sizes) {
      const upto = Math.round((size * 1e6) / (STEPS * METRICS));
      slices.push(...(await fill(stack, runs, upto, options.isQuiet)));
      runs = upto;
      await settled(stack);
      columns.push(await answers(stack, upto, questions, repeats));
      console.log(`${size} million points: ${JSON.stringify(columns.at(-1))}`);
    }
    const rows = [...Object.keys(questions).map((name) => row(name, sizes, columns)), intakeRow(sizes, slices)];
    const remarks = [remark(slices)];
    if (options.isWhole) publish("scale", QUESTION, rows, remarks);
    else print(rows, remarks);
  } finally {
    await stack.stop();
    if (options.data === undefined) await rm(data, { recursive: true, force: true });
  }
}

function read(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      points: { type: "string", default: SIZES },
      only: { type: "string" },
      repeats: { type: "string", default: "21" },
      data: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const sizes = values.points.split(",").map(Number);
  const least = (RUNS_ASKED * STEPS * METRICS) / 1e6;
  if (sizes.some((size, i) => !(size >= (sizes[i - 1] ?? least))))
    throw new Error(`--points ${values.points}: give rising numbers, in millions, from ${least} on.`);
  const only = values.only?.split(",") ?? Object.keys(QUESTIONS);
  const unknown = only.find((name) => QUESTIONS[name] === undefined);
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: there is no such question. ${Object.keys(QUESTIONS).join(", ")} are there.`);
  const repeats = Number(values.repeats);
  if (!Number.isInteger(repeats) || repeats < 1) throw new Error(`--repeats ${values.repeats}: give a whole number.`);
  return {
    sizes,
    questions: Object.fromEntries(only.map((name) => [name, QUESTIONS[name] as Question])),
    repeats,
    data: values.data,
    isQuiet: !process.stderr.isTTY,
    isWhole: values.points === SIZES && values.only === undefined,
  };
}

async function requireRoom(folder: string, size: number): Promise<void> {
  const wanted = size * 1e6 * BYTES_A_POINT;
  const { bavail, bsize } = await statfs(folder).catch(() => statfs("."));
  const free = bavail * bsize;
  const gb = (bytes: number) => `${round(bytes / 1e9, 1)} GB`;
  if (free < 1.5 * wanted)
    throw new Error(
      `${size} million points take about ${gb(wanted)}, and ${folder} has ${gb(free)} free. Give another folder with --data, or smaller sizes with --points.`,
    );
}

async function fill({ endpoint }: RunningStack, from: number, upto: number, isQuiet: boolean): Promise<Slice[]> {
  const slices: Slice[] = [];
  const each = SLICE / STEPS;
  for (let run = from; run < upto; run += each) {
    const to = Math.min(upto, run + each);
    const begun = performance.now();
    await fillScaleRuns(endpoint, {
      from: run,
      to,
      onRuns: (done) => isQuiet || bar(run + done, upto),
    });
    slices.push({ events: (to - run) * STEPS, seconds: (performance.now() - begun) / 1000 });
    if (isQuiet && (run / each) % 10 === 0)
      console.error(`filled ${to} of ${upto} runs, ${rate(slices.slice(-2))} events/s`);
  }
  if (!isQuiet) process.stderr.write(`\r${" ".repeat(72)}\r`);
  return slices;
}

function bar(done: number, all: number): void {
  const filled = Math.floor((done / all) * 40);
  process.stderr.write(`\r[${"#".repeat(filled)}${".".repeat(40 - filled)}] ${done} of ${all} runs`);
}

/** All is sealed, and the database has nothing left to do. */
async function settled({ writerUrl, database }: RunningStack): Promise<void> {
  await untilSealed(writerUrl);
  await delay(SETTLE_MS);
  for (let before = cpuSeconds(database); ; ) {
    await delay(2_000);
    const now = cpuSeconds(database);
    if (now - before < IDLE_CPU) return;
    before = now;
  }
}

/** The p50 of each question, in ms. */
async function answers(
  { endpoint }: RunningStack,
  runs: number,
  questions: Record<string, Question>,
  repeats: number,
): Promise<Record<string, number>> {
  const spread = Array.from({ length: RUNS_ASKED }, (_, i) => nameOf(Math.floor((i * runs) / RUNS_ASKED)));
  const found: Record<string, number> = {};
  for (const [name, question] of Object.entries(questions)) {
    let turn = 0;
    const once = async () => {
      const begun = performance.now();
      await question.ask((path, body) => ask(endpoint, path, body), spread, turn++);
      return performance.now() - begun;
    };
    for (let i = 0; i < 5; i++) await once();
    found[name] = (await sorted(repeats, once))[repeats >> 1] as number;
  }
  return found;
}

function row(name: string, sizes: number[], columns: Record<string, number>[]): Record<string, string | number> {
  const at = columns.map((column) => column[name] as number);
  return {
    question: (QUESTIONS[name] as Question).title,
    ...Object.fromEntries(sizes.map((size, i) => [`${size} million`, round(at[i] as number, 1)])),
    ratio: round((at.at(-1) as number) / (at[0] as number)),
    limit: `at most ${MOST}`,
  };
}

/** Intake of the first two slices against that of the last two. */
function intakeRow(sizes: number[], slices: Slice[]): Record<string, string | number> {
  const [first, last] = [rate(slices.slice(0, 2)), rate(slices.slice(-2))];
  return {
    question: "intake of the first and of the last million events, events/s",
    [`${sizes[0]} million`]: first,
    ...Object.fromEntries(sizes.slice(1, -1).map((size) => [`${size} million`, ""])),
    [`${sizes.at(-1)} million`]: last,
    ratio: round(last / first),
    limit: `at least ${LEAST_INTAKE}`,
  };
}

const rate = (slices: Slice[]): number => {
  const sum = (of: keyof Slice) => slices.reduce((all, slice) => all + slice[of], 0);
  return Math.round(sum("events") / sum("seconds"));
};

const remark = (slices: Slice[]): string =>
  `Filling: ${rate(slices)} events/s on average, by requests of 1,000 events, 5 at a time.`;
