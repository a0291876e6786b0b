import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../../embedded/stack.ts";
import { type GatewayProcess, startGateway } from "../embedded/gateway-process.ts";
import type { Drill } from "./drill.ts";
import { HEAVY_INPUTS } from "./heavy-inputs.ts";

const HEAP_MB = 512;
/** Of the resident memory: the mean of the last third against that of the first. */
const MOST_GROWTH = 1.2;
const SAMPLE_MS = 500;
const HEALTH_MS = 10_000;

export const heap: Drill = {
  about: `Every heavy input that was ever found, again and again, on a gateway with a heap of ${HEAP_MB} MB: it lives, answers after each, and its memory is flat.`,
  option: { name: "minutes", value: 10, about: "how long, in whole rounds of all inputs" },
  async run(minutes, say) {
    const data = await mkdtemp(join(tmpdir(), "integraviz-drill-"));
    const gateway = await startGateway(
      ["--no-train", "--port", "0", "--data", data],
      [`--max-old-space-size=${HEAP_MB}`],
    );
    const misses: string[] = [];
    const memory = watchMemory(gateway);
    try {
      const endpoint = JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;
      const end = Date.now() + minutes * 60_000;
      for (let round = 1; Date.now() < end && hasLife(gateway); round++)
        misses.push(...(await playRound(gateway, endpoint, round, say)));
    } finally {
      memory.stop();
      if (!hasLife(gateway))
        misses.push(`the gateway ended with ${gateway.process.exitCode ?? gateway.process.signalCode}`);
      await gateway.stop();
      await rm(data, { recursive: true, force: true });
    }
    const { first, last, most } = thirds(memory.samples);
    say(`resident memory: ${first} MB in the first third, ${last} MB in the last, ${most} MB at most`);
    if (!(last <= MOST_GROWTH * first)) misses.push(`memory grew from ${first} to ${last} MB`);
    return misses;
  },
};

async function playRound(
  gateway: GatewayProcess,
  endpoint: Endpoint,
  round: number,
  say: (line: string) => void,
): Promise<string[]> {
  const misses: string[] = [];
  for (const [index, { name, send }] of HEAVY_INPUTS.entries()) {
    const begun = Date.now();
    const outcome = await send(endpoint, `heavy-${round}-${index}`).catch((error: Error) => {
      misses.push(`round ${round}, ${name}: ${reasonOf(error)}`);
      return "MISSED";
    });
    if (!hasLife(gateway)) return misses;
    const answered = Date.now();
    const isWell = await isHealthy(endpoint);
    if (!isWell) misses.push(`round ${round}: not healthy within ${HEALTH_MS / 1000} s after ${name}`);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    say(
      `round ${round}: ${name}: ${outcome}; ${seconds(answered - begun)} s, healthy after ${seconds(Date.now() - answered)} s, ${residentMb(gateway)} MB`,
    );
  }
  return misses;
}

const reasonOf = (error: Error): string => `${error.message} ${String(error.cause ?? "")}`.trim();

const hasLife = ({ process }: GatewayProcess): boolean => process.exitCode === null && process.signalCode === null;

/** It answers, and takes an event of another project. */
async function isHealthy({ url, token }: Endpoint): Promise<boolean> {
  const signal = AbortSignal.timeout(HEALTH_MS);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify([{ project: "other", run_id: "r", kind: "on_epoch_end", epoch: 0, logs: { loss: 1 } }]);
  const asked = [
    fetch(`${url}/healthz`, { signal }),
    fetch(`${url}/v1/events`, { method: "POST", headers, body, signal }),
  ];
  const answers = await Promise.all(asked).catch(() => null);
  return answers?.every(({ ok }) => ok) ?? false;
}

/** Linux: proc_pid_status(5). */
function residentMb({ pid }: GatewayProcess): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kb) / 1024);
}

function watchMemory(gateway: GatewayProcess) {
  const samples: number[] = [];
  const timer = setInterval(() => {
    if (hasLife(gateway)) samples.push(residentMb(gateway));
  }, SAMPLE_MS);
  return { samples, stop: () => clearInterval(timer) };
}

function thirds(samples: readonly number[]) {
  const third = Math.floor(samples.length / 3);
  const mean = (part: readonly number[]) => Math.round(part.reduce((sum, mb) => sum + mb, 0) / part.length);
  return { first: mean(samples.slice(0, third)), last: mean(samples.slice(-third)), most: Math.max(...samples) };
}
