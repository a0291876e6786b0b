import { performance } from "node:perf_hooks";
import { runStack } from "./processes.ts";
import { publish, round } from "./results.ts";
import { openStream } from "./stream-client.ts";

const QUESTION =
  "Time from the moment an event is sent to the moment a browser's stream has it, and bytes a tick as history grows. The page repaints at the next frame.";

/** Sends one event at a time, with a pause between them, and waits until the stream has it. */
export async function live(events = 200): Promise<void> {
  const stack = await runStack();
  const rows: Record<string, string | number>[] = [];
  try {
    for (const history of [0, 10_000, 50_000]) {
      if (history > 0) await fill(stack.endpoint, history);
      const stream = await openStream(stack.endpoint);
      const times: number[] = [];
      const bytesBefore = stream.bytes();
      for (let i = 0; i < events; i++) {
        const id = `live-${history}-${i}`;
        const seen = stream.seen(id);
        const sent = performance.now();
        await send(stack.endpoint, [
          { run_id: "live", event_id: id, kind: "on_train_batch_end", step: i, logs: { loss: 1 / (i + 1) } },
        ]);
        await seen;
        times.push(performance.now() - sent);
        await new Promise((resolve) => setTimeout(resolve, 10 + (i % 7)));
      }
      const bytes = stream.bytes() - bytesBefore;
      stream.close();
      times.sort((a, b) => a - b);
      rows.push({
        "events before": history,
        "p50 ms": round(times[Math.floor(events * 0.5)] as number, 1),
        "p99 ms": round(times[Math.floor(events * 0.99)] as number, 1),
        "bytes a tick": Math.round(bytes / events),
      });
    }
  } finally {
    await stack.stop();
  }
  publish("live", QUESTION, rows, [
    "For comparison, by their own settings: MLflow's page asks every 30 s, TensorBoard's every 5 s.",
  ]);
}

type Target = { url: string; token: string };

async function fill(target: Target, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    await send(
      target,
      Array.from({ length: 1_000 }, (_, i) => ({
        run_id: "history",
        event_id: `fill-${count}-${from + i}`,
        kind: "on_train_batch_end",
        step: from + i,
        logs: { loss: 1 / (i + 1) },
      })),
    );
  }
}

export async function send({ url, token }: Target, events: object[]): Promise<void> {
  const answer = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
}
