import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publish, round } from "./results.ts";

const QUESTION =
  "What a log of five metrics costs the training loop in Python, µs of its time: each way in a process of its own, 0.2 ms of computing between two logs.";

/**
 * `--quick` tries everything with few calls and writes no table. `--torch PYTHON` compares with
 * torch's writer alone, in an environment that has it (requirements-torch.txt), in a table of its own.
 */
const isQuick = process.argv.includes("--quick");
const torch = process.argv[process.argv.indexOf("--torch") + 1];
const TORCH = process.argv.includes("--torch") && torch !== undefined ? torch : null;
const CALLS = isQuick ? 400 : 20_000;
const PAIRS = isQuick ? 1 : 10;

/** What is installed into a virtual environment of the bench's own. */
const PEERS = [
  "requests==2.32.5",
  "trackio==0.43.0",
  "wandb==0.31.0",
  "mlflow-skinny==3.17.2",
  "tensorboardX==2.6.5",
  "neptune-scale==0.30.0",
];

const SCRIPT = fileURLToPath(new URL("./loop.py", import.meta.url));
const KERAS = fileURLToPath(new URL("../.venv-python/bin/python", import.meta.url));

/** Takes whatever comes, and answers so many ms later. */
const server = (delayMs: number) => `require("node:http")
  .createServer((request, response) => request.resume().on("end", () => setTimeout(() => response.end('{"accepted":1}'), ${delayMs})))
  .listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

interface Figures {
  mean: number;
  p50: number;
  p99: number;
  "p99.9": number;
}

interface Order {
  what: string;
  way: string;
  /** How long the server takes, ms; null: there is none. */
  delayMs?: number | null;
  /** The server goes in the middle. */
  isKilled?: boolean;
  calls?: number;
}

export async function loop(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "integraviz-loop-"));
  try {
    const python = TORCH ?? (await installPeers(join(folder, "venv")));
    const rows: Record<string, string | number>[] = [];
    for (const order of TORCH === null ? ordersOf() : TORCH_ORDERS) rows.push(await rowOf(order, python, folder));
    const remarks = TORCH === null ? await kerasPairs(folder) : [await versionsOf(TORCH)];
    if (isQuick) console.table(rows);
    else publish(TORCH === null ? "loop" : "loop-torch", QUESTION, rows, remarks);
    if (isQuick) console.log(remarks.join("\n"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ordersOf(): Order[] {
  const slow = isQuick ? 3 : 20;
  return [
    { what: "integraviz", way: "online", delayMs: 0 },
    { what: "integraviz, server at 20 ms", way: "online", delayMs: 20 },
    { what: "integraviz, server at 2 s", way: "online", delayMs: 2_000 },
    { what: "integraviz, no server", way: "online", delayMs: null },
    { what: "integraviz, server killed in the middle", way: "online", delayMs: 0, isKilled: true },
    { what: "integraviz durable", way: "durable", delayMs: 0 },
    { what: "integraviz durable, server killed in the middle", way: "durable", delayMs: 0, isKilled: true },
    { what: "nothing but a copy kept in memory", way: "kept" },
    { what: "trackio, local", way: "trackio" },
    { what: "wandb, offline", way: "wandb" },
    { what: "mlflow, files, async", way: "mlflow-async", calls: CALLS / 10 },
    { what: "mlflow, files", way: "mlflow", calls: CALLS / 10 },
    { what: "tensorboardX", way: "tensorboardX" },
    { what: "neptune-scale, offline", way: "neptune" },
    { what: "the paper's requests.post", way: "paper", delayMs: 0, calls: CALLS / 20 },
    { what: "the paper's requests.post, server at 20 ms", way: "paper", delayMs: 20, calls: CALLS / 40 },
    { what: "the paper's requests.post, server at 2 s", way: "paper", delayMs: 2_000, calls: slow },
  ];
}

const TORCH_ORDERS: Order[] = [
  { what: "integraviz", way: "online", delayMs: 0 },
  { what: "integraviz durable", way: "durable", delayMs: 0 },
  { what: "torch SummaryWriter", way: "torch" },
];

/** Which Python and torch were measured. */
async function versionsOf(python: string): Promise<string> {
  const text =
    "import json, platform, tensorboard, torch; print(json.dumps(dict(p=platform.python_version(), t=torch.__version__, b=tensorboard.__version__)))";
  const { p, t, b } = (await runPython(python, ["-c", text])) as Record<string, string>;
  return `Python ${p}, torch ${t}, tensorboard ${b}. torch comes with CUDA alone (5.7 GB), so it is measured apart from the others of loop.md.`;
}

async function rowOf(order: Order, python: string, folder: string): Promise<Record<string, string | number>> {
  const { what, way, delayMs = null, isKilled = false, calls = CALLS } = order;
  console.log(what);
  const own = join(folder, what.replace(/\W+/g, "-"));
  mkdirSync(own);
  const running = delayMs === null ? null : await serve(delayMs);
  // Port 9 is where nothing listens.
  const url = `http://127.0.0.1:${running?.port ?? 9}`;
  const args = [SCRIPT, way, url, own, String(Math.floor(calls))];
  const told = await runPython(python, args, (text) => {
    if (isKilled && /^half$/m.test(text)) running?.kill();
  });
  running?.kill();
  if (told === null) return { what, calls: "did not run here" };
  const { mean, p50, p99, "p99.9": most } = told as Figures;
  return { what, calls, mean: round(mean, 1), p50: round(p50, 1), p99: round(p99, 1), "p99.9": round(most, 1) };
}

/** Pairs of fits with and without the callback, one after the other: what is noise takes both. */
async function kerasPairs(folder: string): Promise<string[]> {
  if (!existsSync(KERAS)) return ["There is no .venv-python here, so no Keras fit was measured."];
  const running = await serve(0);
  const more: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    console.log(`Keras fit, pair ${pair + 1} of ${PAIRS}`);
    const seconds: Record<string, number> = {};
    for (const way of pair % 2 === 0 ? ["with", "without"] : ["without", "with"]) {
      const args = [SCRIPT, "keras", way, `http://127.0.0.1:${running.port}`, folder];
      const told = (await runPython(KERAS, args)) as { seconds: number } | null;
      if (told === null) throw new Error("The Keras fit failed: see above.");
      seconds[way] = told.seconds;
    }
    more.push(100 * ((seconds.with as number) / (seconds.without as number) - 1));
  }
  running.kill();
  const sorted = more.toSorted((a, b) => a - b);
  const median = ((sorted[Math.floor((PAIRS - 1) / 2)] as number) + (sorted[Math.ceil((PAIRS - 1) / 2)] as number)) / 2;
  const [low, high] = [sorted[0], sorted.at(-1)].map((value) => round(value as number, 1));
  return [
    `Processor seconds of a Keras fit (convnet, 141 batches) with the callback against without: ${round(median, 1)} % more, the median of ${PAIRS} interleaved pairs (${low} to ${high} %).`,
  ];
}

async function serve(delayMs: number): Promise<{ port: number; kill: () => void }> {
  const child = spawn(process.execPath, ["--eval", server(delayMs)], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(String((await once(child.stdout, "data"))[0]));
  return { port, kill: () => child.kill("SIGKILL") };
}

/** The last line it prints, as JSON; null where it failed, which is told. */
async function runPython(python: string, args: string[], onError = (_text: string) => {}): Promise<unknown> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(python, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [printed, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
    onError(String(chunk));
  });
  await once(child, "close");
  const line = printed.split("\n").findLast((one) => one.startsWith("{"));
  if (line !== undefined) return JSON.parse(line);
  console.error(errors.trim().split("\n").slice(-3).join("\n"));
  return null;
}

async function installPeers(venv: string): Promise<string> {
  const python = join(venv, "bin", "python");
  await done("python3", ["-m", "venv", venv]);
  await done(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PEERS]);
  return python;
}

async function done(command: string, args: string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: "inherit" }), "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}.`);
}
