import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { RUNS, STEPS } from "./series.ts";

/** The variable that names a virtual environment with tensorboard and tensorboardX. */
export const TENSORBOARD = "INTEGRAVIZ_BENCH_TENSORBOARD";

/** null where there is none. */
export function tensorBoardFolder(): string | null {
  const folder = process.env[TENSORBOARD];
  if (folder === undefined || folder === "") return null;
  if (!existsSync(join(folder, "bin", "tensorboard")))
    throw new Error(`${TENSORBOARD}=${folder} has no bin/tensorboard. Name a virtual environment that has it.`);
  return folder;
}

export async function writeTensorBoardData(environment: string, folder: string): Promise<void> {
  const script = fileURLToPath(new URL("./tensorboard-data.py", import.meta.url));
  await promisify(execFile)(join(environment, "bin", "python"), [script, folder, String(RUNS), String(STEPS)]);
}

export interface Opened {
  /** ms from the start of the process to the first answer, and to one with the last point of every run. */
  answered: number;
  complete: number;
  /** Points of one run in that answer. */
  points: number;
}

/** A fresh `tensorboard --load_fast true` until its page could draw the tag of all runs. */
export async function openTensorBoard(environment: string, folder: string): Promise<Opened> {
  const port = await freePort();
  const begun = performance.now();
  const args = ["--logdir", folder, "--load_fast", "true", "--port", String(port), "--host", "127.0.0.1"];
  const child = spawn(join(environment, "bin", "tensorboard"), args, { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let answered = 0;
  try {
    const deadline = begun + 300_000;
    while (performance.now() < deadline && child.exitCode === null) {
      const runs = await timeSeries(port);
      if (runs !== null && answered === 0) answered = performance.now() - begun;
      const lengths = Object.values(runs ?? {}).map((points) => points.length);
      const isComplete =
        lengths.length === RUNS && Object.values(runs ?? {}).every((points) => points.at(-1)?.step === STEPS - 1);
      if (isComplete) return { answered, complete: performance.now() - begun, points: lengths[0] as number };
      // It has the same cores: asked more often, it would load its runs the slower.
      await delay(200);
    }
    throw new Error("TensorBoard does not show all points.");
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

/** null while it does not answer. */
async function timeSeries(port: number): Promise<Record<string, { step: number }[]> | null> {
  const body = new FormData();
  body.set("requests", JSON.stringify([{ plugin: "scalars", tag: "loss" }]));
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/data/plugin/timeseries/timeSeries`, { method: "POST", body });
    if (!answer.ok) return null;
    const [first] = (await answer.json()) as { runToSeries?: Record<string, { step: number }[]> }[];
    return first?.runToSeries ?? {};
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
