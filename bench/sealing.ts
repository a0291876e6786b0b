import { ask, sorted } from "./ask.ts";
import type { LoadResult } from "./http-load.ts";
import { cpuSeconds, load, type RunningStack, runStack } from "./processes.ts";
import { publish, round } from "./results.ts";
import { tails, untilSealed } from "./sealed.ts";
import { fillRuns, RUNS } from "./series.ts";

const QUESTION =
  "What sealing costs and what readers feel: ingest (20 connections, batches of 500) with sealing and with raw rows alone, and one metric of 50 runs at 500 points each while nothing is written and under full ingest.";

const runs = Array.from({ length: RUNS }, (_, i) => `run=run-${i}`).join("&");
const THINNED = `/v1/series?metric=loss&points=500&${runs}`;

interface Half {
  result: LoadResult;
  /** Seconds that the gateway and the database used. */
  cpu: number;
  /** Events in the longest tail of a run at the moment when the load ended. */
  longest: number;
}

/** @param seconds how long ingest is measured with sealing, and how long without; in two halves each, after a warm-up */
export async function sealing(seconds = 60, reads = 40): Promise<void> {
  // Whatever becomes slower or faster in the meantime is in both.
  const halves = { raw: [await ingest(false)], sealed: [await ingest(true), await ingest(true)] };
  halves.raw.push(await ingest(false));
  const raw = together(halves.raw);
  const sealed = together(halves.sealed);
  const readers = await readsUnderIngest();
  publish(
    "sealing",
    QUESTION,
    [
      {
        question: `ingest over ${seconds} s, events/s`,
        with: Math.round(sealed.rate),
        without: Math.round(raw.rate),
        ratio: round(sealed.rate / raw.rate),
        limit: "at least 0.8",
      },
      {
        question: "ingest, CPU s per 1,000 events",
        with: round(sealed.cpuPerThousand, 4),
        without: round(raw.cpuPerThousand, 4),
        ratio: round(sealed.cpuPerThousand / raw.cpuPerThousand),
        limit: "",
      },
      {
        question: "read under full ingest against idle, p95 ms",
        with: round(readers.busy, 1),
        without: round(readers.idle, 1),
        ratio: round(readers.busy / readers.idle),
        limit: "at most 3",
      },
    ],
    [`The longest tail of a run when the ingest had ended: ${sealed.longest} events; a chunk has 1,000.`],
  );

  async function ingest(seals: boolean): Promise<Half> {
    const stack = await runStack({ seals });
    try {
      await load({ ...order(stack), seconds: seconds / 10 });
      const cpu = () => cpuSeconds(stack.gateway) + cpuSeconds(stack.database);
      const before = cpu();
      const result = await load({ ...order(stack), seconds: seconds / 2 });
      const used = cpu() - before;
      const { longest } = await tails(stack.writerUrl);
      console.log(JSON.stringify({ seals, events: result.events, cpu: round(used), longest }));
      return { result, cpu: used, longest };
    } finally {
      await stack.stop();
    }
  }

  async function readsUnderIngest(): Promise<{ idle: number; busy: number }> {
    const stack = await runStack();
    try {
      await fillRuns(stack.endpoint);
      await untilSealed(stack.writerUrl);
      const read = async () => (await ask(stack.endpoint, THINNED)).ms;
      for (let i = 0; i < 5; i++) await read();
      const idle = p95(await sorted(reads, read));
      let isLoading = true;
      const loading = load({ ...order(stack), seconds: seconds / 2 }).finally(() => {
        isLoading = false;
      });
      const times: number[] = [];
      while (isLoading) times.push(await read());
      await loading;
      const busy = p95(times.sort((a, b) => a - b));
      return { idle, busy };
    } finally {
      await stack.stop();
    }
  }
}

function together(halves: Half[]) {
  const sum = (of: (half: Half) => number) => halves.reduce((all, half) => all + of(half), 0);
  const events = sum(({ result }) => result.events);
  return {
    rate: events / sum(({ result }) => result.seconds),
    cpuPerThousand: (sum(({ cpu }) => cpu) / events) * 1000,
    longest: Math.max(...halves.map(({ longest }) => longest)),
  };
}

const p95 = (ascending: number[]) => ascending[Math.floor(ascending.length * 0.95)] as number;

const order = ({ endpoint }: RunningStack) => ({
  port: Number(new URL(endpoint.url).port),
  path: "/v1/events",
  token: endpoint.token,
  connections: 20,
  batch: 500,
});
