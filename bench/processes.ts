import { type ChildProcess, fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../embedded/stack.ts";
import type { LoadResult, Order } from "./http-load.ts";

/** The flags of the start script, for every process alike. */
const LIKE_NPM_START = ["--max-semi-space-size=64", "--import", "tsx"];

/** Processes of a benchmark, each apart from the one that measures. */

export interface RunningStack {
  endpoint: Endpoint;
  writerUrl: string;
  /** The gateway's and the database's process ids. */
  gateway: number;
  database: number;
  stop(): Promise<void>;
}

export interface StackChoice {
  /** A folder that is kept; without it one of its own that goes with the stack. */
  data?: string;
  /** false: nothing is sealed. */
  seals?: boolean;
}

/** The embedded stack as a user starts it. */
export async function runStack({ data, seals = true }: StackChoice = {}): Promise<RunningStack> {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "integraviz-bench-")));
  const args = [folder, ...(seals ? [] : ["--no-sealing"])];
  const child = fork(new URL("./stack-process.ts", import.meta.url), args, { execArgv: LIKE_NPM_START });
  const started = await message<Pick<RunningStack, "endpoint" | "writerUrl" | "database">>(child);
  return {
    ...started,
    gateway: child.pid as number,
    async stop() {
      child.kill("SIGTERM");
      await exit(child);
      if (data === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function runScript<T>(file: string, order: unknown): Promise<T> {
  const child = fork(new URL(file, import.meta.url), [], { execArgv: LIKE_NPM_START });
  child.send(order as object);
  const result = await message<T>(child);
  await exit(child);
  return result;
}

/** Starts a server script; it answers with its port once it listens. */
export async function runServer(file: string): Promise<{ port: number; pid: number; stop(): Promise<void> }> {
  const child = fork(new URL(file, import.meta.url), [], { execArgv: LIKE_NPM_START });
  const { port } = await message<{ port: number }>(child);
  return {
    port,
    pid: child.pid as number,
    async stop() {
      child.kill("SIGTERM");
      await exit(child);
    },
  };
}

export const load = (order: Order): Promise<LoadResult> => runScript("./http-load.ts", order);

/** CPU seconds that a process and its children, living and ended, have used (Linux; proc_pid_stat(5)). */
export function cpuSeconds(pid: number): number {
  const ticks = 100;
  const fields = (of: number | string) => {
    try {
      const stat = readFileSync(`/proc/${of}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    } catch {
      return null;
    }
  };
  const own = fields(pid);
  if (own === null) return 0;
  const sum = (list: (string | undefined)[]) => list.reduce((total, value) => total + Number(value ?? 0), 0) / ticks;
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(fields)
    .filter((stat) => stat !== null && stat[1] === String(pid));
  return sum(own.slice(11, 15)) + children.reduce((total, stat) => total + sum((stat as string[]).slice(11, 13)), 0);
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (value) => resolve(value as T));
    child.once("exit", (code) => reject(new Error(`A process of the benchmark ended early, with ${code}.`)));
  });
}

function exit(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}
