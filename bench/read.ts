import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { ask, median } from "./ask.ts";
import { openDuckDb, QUESTIONS } from "./duckdb.ts";
import { cpuSeconds, runStack } from "./processes.ts";
import { publish, round } from "./results.ts";
import { untilSealed } from "./sealed.ts";
import { fillRuns, RUNS, STEPS } from "./series.ts";
import { openTensorBoard, TENSORBOARD, tensorBoardFolder, writeTensorBoardData } from "./tensorboard.ts";

const QUESTION =
  "50 runs of 10,000 steps and 5 metrics (2.5 million points), warm medians in one run: ours over HTTP with token and gzip, DuckDB's narrow table in the process that asks. Opening the page: from the start of fresh processes, PostgreSQL's too, to the list of runs and one metric of all of them.";

const HOW =
  "The limit is twice DuckDB or the floor, whichever is larger. CPU ms is what the gateway and PostgreSQL used for an answer.";

const runs = Array.from({ length: RUNS }, (_, i) => `run=run-${i}`).join("&");
const THINNED = `/v1/series?metric=loss&points=500&${runs}`;

export async function read(repeats = 15): Promise<void> {
  const environment = tensorBoardFolder();
  const data = await mkdtemp(join(tmpdir(), "integraviz-bench-"));
  const rows: Record<string, string | number>[] = [];
  const duck = await openDuckDb();
  try {
    await warm();
    rows.push(await opened());
    const remarks = [HOW];
    if (environment === null)
      remarks.push(`TensorBoard was not measured: ${TENSORBOARD} names no virtual environment that has it.`);
    publish("read", QUESTION, rows, remarks);
  } finally {
    duck.close();
    await rm(data, { recursive: true, force: true });
  }

  async function warm(): Promise<void> {
    const stack = await runStack({ data });
    try {
      await fillRuns(stack.endpoint);
      await untilSealed(stack.writerUrl);
      const sql = "SELECT run, best FROM run_summary WHERE metric = 'loss' AND level = 'batch'";
      const questions: [string, number, string, string, object?][] = [
        ["one metric, 50 runs, 500 points each", 100, QUESTIONS.thinned, THINNED],
        ["best value per run (/v1/sql)", 15, QUESTIONS.best, "/v1/sql", { sql }],
        ["one full series", 15, QUESTIONS.whole, "/v1/series?metric=loss&points=10000&run=run-7"],
      ];
      for (const [question, floor, theirs, path, body] of questions) {
        const once = async () => (await ask(stack.endpoint, path, body)).ms;
        for (let i = 0; i < 5; i++) await once();
        await duck.time(theirs);
        const cpu = () => cpuSeconds(stack.gateway) + cpuSeconds(stack.database);
        const before = cpu();
        const ours = await median(repeats, once);
        const used = ((cpu() - before) / repeats) * 1000;
        const peer = await median(repeats, () => duck.time(theirs));
        const limit = Math.max(2 * peer, floor);
        rows.push({
          question,
          "ours ms": round(ours, 1),
          "CPU ms": round(used, 1),
          "DuckDB ms": round(peer, 1),
          "TensorBoard ms": "",
          "limit ms": round(limit, 1),
          "of limit": round(ours / limit),
        });
        console.log(JSON.stringify(rows.at(-1)));
      }
    } finally {
      await stack.stop();
    }
  }

  async function opened(): Promise<Record<string, string | number>> {
    const ours = await median(3, async () => {
      const begun = performance.now();
      const stack = await runStack({ data });
      await Promise.all([ask(stack.endpoint, "/v1/runs?limit=100"), ask(stack.endpoint, THINNED)]);
      const took = performance.now() - begun;
      await stack.stop();
      return took;
    });
    console.log(`opening the page: ${round(ours, 1)} ms`);
    const row = { question: "opening the page", "ours ms": round(ours, 1), "CPU ms": "", "DuckDB ms": "" };
    if (environment === null) return { ...row, "TensorBoard ms": "not installed", "limit ms": "", "of limit": "" };
    const folder = await mkdtemp(join(tmpdir(), "integraviz-tensorboard-"));
    try {
      await writeTensorBoardData(environment, folder);
      let points = 0;
      const theirs = await median(3, async () => {
        const seen = await openTensorBoard(environment, folder);
        points = seen.points;
        return seen.complete;
      });
      return {
        ...row,
        "TensorBoard ms": `${round(theirs, 1)} (${points} of ${STEPS} points a run)`,
        "limit ms": round(theirs, 1),
        "of limit": round(ours / theirs),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
