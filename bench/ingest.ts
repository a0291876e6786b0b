import type { LoadResult, Order } from "./http-load.ts";
import { cpuSeconds, load, runScript, runServer, runStack } from "./processes.ts";
import { publish, round } from "./results.ts";

const QUESTION =
  "Events per second over HTTP with everything on (token, validation, durable insert), against a bare Hono handler that only parses the JSON and a bare script that inserts the same rows by the same driver. Load from another process.";

/** @param seconds how long each cell is measured; a warm-up as long as a quarter of it comes first */
export async function ingest(seconds = 6): Promise<void> {
  const stack = await runStack();
  const bare = await runServer("./bare-handler.ts");
  const rows: Record<string, string | number>[] = [];
  try {
    for (const connections of [1, 20, 100]) {
      for (const batch of [1, 10, 500]) {
        const order = { path: "/v1/events", token: stack.endpoint.token, connections, batch };
        const ours = await measured({ ...order, port: Number(new URL(stack.endpoint.url).port) }, [
          stack.gateway,
          stack.database,
        ]);
        const floor = await measured({ ...order, port: bare.port }, [bare.pid]);
        const inserts = await runScript<LoadResult>("./bare-insert.ts", {
          url: stack.writerUrl,
          batch,
          underWay: 2,
          seconds: seconds / 2,
        });
        const rate = ours.events / ours.seconds;
        rows.push({
          connections,
          batch,
          "events/s": Math.round(rate),
          "p50 ms": round(ours.p50),
          "p99 ms": round(ours.p99),
          "CPU s/1000": round((ours.cpu / ours.events) * 1000, 4),
          "bare handler events/s": Math.round(floor.events / floor.seconds),
          "of bare handler": round(rate / (floor.events / floor.seconds)),
          "bare insert events/s": Math.round(inserts.events / inserts.seconds),
          "of bare insert": round(rate / (inserts.events / inserts.seconds)),
          failures: ours.failures,
        });
        console.log(JSON.stringify(rows.at(-1)));
      }
    }
  } finally {
    await bare.stop();
    await stack.stop();
  }
  publish("ingest", QUESTION, rows);

  async function measured(order: Omit<Order, "seconds">, pids: number[]) {
    await load({ ...order, seconds: seconds / 4 });
    const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const before = cpu();
    const result = await load({ ...order, seconds });
    return { ...result, cpu: cpu() - before };
  }
}
