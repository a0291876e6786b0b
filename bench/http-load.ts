import autocannon from "autocannon";

/**
 * Closed-loop load by autocannon: each connection sends its next request when the last is answered. Run as a process
 * of its own: the order comes as the first message, the result goes back as one.
 */
export interface Order {
  port: number;
  path: string;
  token: string;
  connections: number;
  /** Events a request. */
  batch: number;
  seconds: number;
}

export interface LoadResult {
  requests: number;
  events: number;
  seconds: number;
  /** ms */
  p50: number;
  p99: number;
  failures: number;
}

process.once("message", async (order: Order) => {
  process.send?.(await load(order));
  process.disconnect?.();
});

function load({ port, path, token, connections, batch, seconds }: Order): Promise<LoadResult> {
  const latencies: number[] = [];
  const next = bodies(batch);
  return new Promise((resolve, reject) => {
    const running = autocannon(
      {
        url: `http://127.0.0.1:${port}`,
        connections,
        duration: seconds,
        requests: [
          {
            method: "POST",
            path,
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
            setupRequest: (request) => ({ ...request, body: next() }),
          },
        ],
      },
      (error, result) => {
        if (error) {
          reject(error);
          return;
        }
        latencies.sort((a, b) => a - b);
        const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
        resolve({
          requests: latencies.length,
          events: latencies.length * batch,
          seconds: result.duration,
          p50: at(0.5),
          p99: at(0.99),
          failures: result.errors + result.non2xx,
        });
      },
    );
    // Its own percentiles are whole milliseconds.
    running.on("response", (_client, _status, _bytes, time) => latencies.push(time));
  });
}

/** Bodies whose event ids are written over in place: every one is new, and nothing is serialised again. */
function bodies(batch: number): () => Buffer {
  const mark = "#".repeat(16);
  const events = Array.from({ length: batch }, (_, index) => ({
    run_id: `bench-${index % 7}`,
    event_id: `019abcde-${process.pid.toString(16).padStart(6, "0")}-${mark}`,
    writer: "0",
    seq: 1_790_000_000_000_000 + index,
    kind: "on_train_batch_end",
    epoch: 3,
    step: 1_000 + index,
    batch: index,
    created_at: "2026-01-31T12:00:00.123456Z",
    logs: {
      loss: 0.123456789 + index / 997,
      accuracy: 0.87654321 + index / 9973,
      lr: 0.001,
      grad_norm: 1.23456 + index,
      seconds: 0.0123,
    },
  }));
  const body = Buffer.from(JSON.stringify({ events, sent_at: "2026-01-31T12:00:01Z" }));
  const offsets: number[] = [];
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) offsets.push(at);
  let count = 0;
  return () => {
    for (const offset of offsets) {
      count += 1;
      body.write(count.toString(16).padStart(mark.length, "0"), offset, "latin1");
    }
    return body;
  };
}
