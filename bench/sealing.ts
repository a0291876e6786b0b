import { ask, sorted } from "./ask.ts";
import type { LoadResult } from "./http-load.ts";
import { cpuSeconds, load, type RunningStack, runStack } from "./processes.ts";
import { publish, round } from "./results.ts";
import { untilSealed } from "./sealed.ts";
import { fillRuns, RUNS } from "./series.ts";

const QUESTION =
  "What sealing costs and what readers feel: ingest (20 connections, batches of 500) with sealing and with raw rows alone, and one metric of 50 runs at 500 points each while nothing is written and under full ingest.";

const runs = Array.from({ length: RUNS }, (_, i) => `run=run-${i}`).join("&");
const THINNED = `/v1/series?metric=loss&points=500&${runs}`;

/** @param seconds how long each half of the ingest is measured; a warm-up of a tenth of it comes first */
export async function sealing(seconds = 60, reads = 40): Promise<void> {
  const raw = await ingest(false);
  const sealed = await ingest(true);
  const readers = await readsUnderIngest();
  const rate = ({ events, seconds: took }: LoadResult) => events / took;
  publish(
    "sealing",
    QUESTION,
    [
      {
        question: `ingest over ${seconds} s, events/s`,
        with: Math.round(rate(sealed.result)),
        without: Math.round(rate(raw.result)),
        ratio: round(rate(sealed.result) / rate(raw.result)),
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
    [`The longest tail of a run when the ingest had ended: ${sealed.left} events; a chunk has 1,000.`],
  );

  async function ingest(seals: boolean) {
    const stack = await runStack({ seals });
    try {
      await load({ ...order(stack), seconds: seconds / 10 });
      const cpu = () => cpuSeconds(stack.gateway) + cpuSeconds(stack.database);
      const before = cpu();
      const result = await load({ ...order(stack), seconds });
      const cpuPerThousand = ((cpu() - before) / result.events) * 1000;
      const left = seals ? await untilSealed(stack.writerUrl) : 0;
      console.log(JSON.stringify({ seals, events: result.events, cpuPerThousand: round(cpuPerThousand, 4), left }));
      return { result, cpuPerThousand, left };
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

const p95 = (ascending: number[]) => ascending[Math.floor(ascending.length * 0.95)] as number;

const order = ({ endpoint }: RunningStack) => ({
  port: Number(new URL(endpoint.url).port),
  path: "/v1/events",
  token: endpoint.token,
  connections: 20,
  batch: 500,
});
