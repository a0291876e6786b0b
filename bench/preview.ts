import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import buildCli, { cliIsBuilt, NO_CLI } from "../test/engine/cli/cli.ts";
import { Engine, expectOk } from "../test/engine/engine.ts";
import { shipped } from "../test/engine/shipped.ts";
import { publish, round } from "./results.ts";

const QUESTION =
  "Seconds and peak memory of `pulumi preview` of each stack that ships, before its first `up`: engine, language host and program together, with stand-in providers. Baseline: a program without a resource.";

const EMPTY = 'export const nothing = "";\n';
const TIMES = 3;

/** Best of three. The stand-in providers are not counted; a real provider's plugin takes some hundred MB more. */
export async function preview(): Promise<void> {
  await buildCli();
  if (!cliIsBuilt()) throw new Error(`This benchmark ${NO_CLI}.`);
  const engine = await Engine.start();
  const rows: Record<string, string | number>[] = [];
  try {
    const baseline = await empty(engine);
    rows.push(rowOf("(an empty program)", 0, baseline, baseline));
    for (const [stack, { first }] of Object.entries(shipped)) {
      await engine.init(stack);
      for (const [key, value, ...flags] of first) await engine.set(stack, key, value, ...(flags as string[]));
      const cost = await best(() => measure(engine, ["preview", "-s", stack, "--suppress-outputs"]));
      rows.push(rowOf(stack, resourcesIn(cost.text), cost, baseline));
    }
  } finally {
    engine.stop();
  }
  publish("preview", QUESTION, rows, [
    `Best of ${TIMES}; the ratio is of CPU seconds, which other work on the machine moves less. Memory is the sum of the resident sets of the process tree, read every 20 ms, so pages that two of them share count twice.`,
  ]);
}

interface Cost {
  seconds: number;
  cpu: number;
  mb: number;
  text: string;
}

function rowOf(stack: string, resources: number, cost: Cost, baseline: Cost): Record<string, string | number> {
  return {
    stack,
    resources,
    seconds: round(cost.seconds, 1),
    "CPU seconds": round(cost.cpu, 1),
    "× empty": round(cost.cpu / baseline.cpu, 1),
    "peak MB": Math.round(cost.mb),
    "× empty's memory": round(cost.mb / baseline.mb, 1),
  };
}

async function empty(engine: Engine): Promise<Cost> {
  const dir = engine.write("empty/index.ts", EMPTY);
  engine.write("empty/package.json", '{"name":"empty","type":"module","private":true}');
  engine.write(
    "empty/Pulumi.yaml",
    'name: empty\nmain: index.ts\nruntime:\n  name: nodejs\n  options: { typescript: false, nodeargs: "--import tsx" }\n',
  );
  expectOk(await engine.pulumi("-C", dir, "stack", "init", "empty"));
  return best(() => measure(engine, ["-C", dir, "preview", "-s", "empty", "--suppress-outputs"]));
}

async function best(once: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let time = 0; time < TIMES; time++) costs.push(await once());
  const { text } = costs[0] as Cost;
  const least = (of: "seconds" | "cpu" | "mb") => Math.min(...costs.map((cost) => cost[of]));
  return { seconds: least("seconds"), cpu: least("cpu"), mb: least("mb"), text };
}

async function measure(engine: Engine, args: string[]): Promise<Cost> {
  const begun = performance.now();
  const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
    cwd: engine.dir,
    env: engine.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  child.stderr.on("data", (chunk) => (text += chunk));
  const used = watch(child);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expectOk({ code: code ?? 1, text });
  return { seconds: (performance.now() - begun) / 1000, ...used(), text };
}

const TICKS = 100;
const PAGE = 4096;

/** CPU seconds of the process and all below it, and the most MB that they held at once (Linux; proc_pid_stat(5)). */
function watch(child: ChildProcess): () => { cpu: number; mb: number } {
  const ticks = new Map<number, number>();
  let peak = 0;
  const look = () => {
    const tree = treeOf(child.pid as number);
    for (const { pid, cpu } of tree) ticks.set(pid, cpu);
    peak = Math.max(
      peak,
      tree.reduce((sum, { pages }) => sum + pages, 0),
    );
  };
  const timer = setInterval(look, 20);
  child.once("close", () => clearInterval(timer));
  return () => ({ cpu: [...ticks.values()].reduce((sum, n) => sum + n, 0) / TICKS, mb: (peak * PAGE) / 1e6 });
}

interface Process {
  pid: number;
  parent: number;
  /** In user and kernel mode. */
  cpu: number;
  pages: number;
}

function treeOf(root: number): Process[] {
  const all = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : undefined;
    if (stat === undefined) continue;
    // From the state on, as a program's name may hold spaces.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [parent = 0, user = 0, kernel = 0, pages = 0] = [fields[1], fields[11], fields[12], fields[21]];
    all.set(Number(name), { pid: Number(name), parent, cpu: user + kernel, pages });
  }
  const isBelow = (pid: number): boolean => {
    const process = all.get(pid);
    return pid === root || (process !== undefined && isBelow(process.parent));
  };
  return [...all.values()].filter(({ pid }) => isBelow(pid));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function resourcesIn(text: string): number {
  return Number(/\+ (\d+) to create/.exec(text)?.[1] ?? 0);
}
