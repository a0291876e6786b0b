import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Run } from "../trainer/client/index.ts";
import { publish, round } from "./results.ts";

const QUESTION =
  "What `run.batchEnd(...)` costs the training loop that calls it: µs a call, two metrics each. Baselines: the same values pushed onto an array, and their JSON.";

const ROUNDS = 100;
const BURST = 500;

/** A server in a process of its own that takes whatever comes. */
const SERVER = `require("node:http")
  .createServer((request, response) => request.resume().on("end", () => response.end('{"accepted":1}')))
  .listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

export async function client(): Promise<void> {
  const bare = await measure((kept, step) => kept.push(valuesOf(step)));
  const json = await measure((kept, step) => kept.push(JSON.stringify(valuesOf(step))));

  const server = spawn(process.execPath, ["--eval", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(String((await once(server.stdout, "data"))[0]));
  const there = await logged(`http://127.0.0.1:${port}`);
  server.kill();
  await once(server, "exit");
  const away = await logged(`http://127.0.0.1:${port}`);

  const row = (what: string, { call }: Cost) => ({
    what,
    "µs a call": round(call),
    "× a bare push": round(call / bare.call, 1),
    "× its JSON": round(call / json.call),
  });
  publish(
    "client",
    QUESTION,
    [
      row("push onto an array", bare),
      row("JSON, pushed onto an array", json),
      row("batchEnd, the server takes the events", there),
      row("batchEnd, the server is away and the queue is full", away),
    ],
    [
      `Median of ${ROUNDS} bursts of ${BURST} calls. With what sends it, on whichever thread, an event costs ${round(there.cpu)} µs of the processor, so 5,000 of them a second take ${round((there.cpu * 5_000) / 10_000, 1)} % of a core; while the server is away, ${round(away.cpu)} µs.`,
    ],
  );
}

const valuesOf = (step: number) => ({ epoch: 0, step, batch: step, loss: 1 / (step + 1), accuracy: Math.random() });

async function logged(url: string): Promise<Cost> {
  const client = connect({ url, token: "bench", provenance: false, drainOnExit: false, onWarn() {} });
  const run = client.run();
  run.begin();
  const cost = await measure((_kept, step) => batchEnd(run, step));
  client.close();
  return cost;
}

function batchEnd(run: Run, step: number): void {
  const { epoch, batch, ...logs } = valuesOf(step);
  run.batchEnd({ epoch, step, batch }, logs);
}

interface Cost {
  /** µs that the caller waits. */
  call: number;
  /** µs of the processor a call, with what it leads to. */
  cpu: number;
}

async function measure(call: (kept: unknown[], step: number) => void): Promise<Cost> {
  const bursts: number[] = [];
  let before = process.cpuUsage();
  // The first half warms up.
  for (let round = 0; round < 2 * ROUNDS; round++) {
    if (round === ROUNDS) before = process.cpuUsage();
    const kept: unknown[] = [];
    const begun = performance.now();
    for (let i = 0; i < BURST; i++) call(kept, round * BURST + i);
    bursts.push(((performance.now() - begun) * 1000) / BURST);
    await sleep(20);
  }
  const { user, system } = process.cpuUsage(before);
  const sorted = bursts.slice(ROUNDS).sort((a, b) => a - b);
  return { call: sorted[ROUNDS / 2] as number, cpu: (user + system) / (ROUNDS * BURST) };
}
