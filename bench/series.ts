import { performance } from "node:perf_hooks";
import { ask } from "./ask.ts";
import { send } from "./live.ts";
import { noisyMetrics } from "./noisy-metrics.ts";
import { runStack } from "./processes.ts";
import { publish, round } from "./results.ts";
import { untilSealed } from "./sealed.ts";

const QUESTION =
  "50 runs of 10,000 steps and 5 metrics (500,000 events, 2.5 million points): what a page asks for, over HTTP, warm medians. The thinned series keep every bucket's lowest and highest value; the answer is gzipped.";

export const RUNS = 50;
export const STEPS = 10_000;

export async function series(repeats = 7): Promise<void> {
  const stack = await runStack();
  const rows: Record<string, string | number>[] = [];
  try {
    const took = await fillRuns(stack.endpoint);
    await untilSealed(stack.writerUrl);
    const runs = Array.from({ length: RUNS }, (_, i) => `run=run-${i}`).join("&");
    const questions: [string, string][] = [
      ["one metric, 50 runs, 500 points each", `/v1/series?metric=loss&points=500&${runs}`],
      ["one metric, 1 run, 500 points", "/v1/series?metric=loss&points=500&run=run-7"],
      ["one metric, 1 run, all 10,000 points", "/v1/series?metric=loss&points=10000&run=run-7"],
      [
        "5 metrics, 1 run, 500 points each",
        "/v1/series?metric=loss&metric=accuracy&metric=lr&metric=grad_norm&metric=seconds&points=500&run=run-7",
      ],
      ["list of runs", "/v1/runs?limit=100"],
    ];
    for (const [question, path] of questions) {
      await ask(stack.endpoint, path);
      const answers = [];
      for (let i = 0; i < repeats; i++) answers.push(await ask(stack.endpoint, path));
      answers.sort((a, b) => a.ms - b.ms);
      const { ms, gzipped, plain } = answers[Math.floor(repeats / 2)] as (typeof answers)[number];
      rows.push({
        question,
        "median ms": round(ms, 1),
        "kB gzipped": round(gzipped / 1000, 1),
        "kB plain": round(plain / 1000, 1),
      });
    }
    publish("series", QUESTION, rows, [
      `Filling took ${round(took, 1)} s (${Math.round((RUNS * STEPS) / took)} events/s through the API).`,
    ]);
  } finally {
    await stack.stop();
  }
}

/** Sends the points of so many runs and answers how many seconds that took. */
export async function fillRuns(target: { url: string; token: string }, runs = RUNS): Promise<number> {
  const begun = performance.now();
  const one = async (run: number) => {
    for (let from = 0; from < STEPS; from += 1_000) {
      await send(
        target,
        Array.from({ length: 1_000 }, (_, i) => point(run, from + i)),
      );
      if (process.stderr.isTTY)
        process.stderr.write(`\rfilling ${Math.round(((run * STEPS + from) / (runs * STEPS)) * 100)} %  `);
    }
  };
  for (let run = 0; run < runs; run += 5)
    await Promise.all(Array.from({ length: Math.min(5, runs - run) }, (_, more) => one(run + more)));
  process.stderr.write("\r                \r");
  return (performance.now() - begun) / 1000;
}

function point(run: number, step: number) {
  return {
    run_id: `run-${run}`,
    event_id: `series-${run}-${step.toString().padStart(6, "0")}`,
    kind: "on_train_batch_end",
    step,
    epoch: Math.floor(step / 500),
    batch: step % 500,
    created_at: new Date(1_790_000_000_000 + step * 100).toISOString(),
    logs: noisyMetrics(run, step),
  };
}
