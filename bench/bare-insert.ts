import { performance } from "node:perf_hooks";
import pg from "pg";

/** The same rows by the same driver and nothing else: no HTTP, no token, no validation, no look at what stood there. */
export interface InsertOrder {
  url: string;
  batch: number;
  underWay: number;
  seconds: number;
}

const INSERT = `
  INSERT INTO events (project, run_id, event_id, writer, seq, kind, epoch, step, batch, created_at, logs, pos)
  SELECT 'bare', 'bench', i.event_id, '0', i.seq, 'on_train_batch_end', 3, i.step, i.step, now(), i.logs,
    (pg_current_xact_id()::text::bigint << 20) + i.n
  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::jsonb[]) WITH ORDINALITY AS i (event_id, seq, step, logs, n)`;

process.once("message", async ({ url, batch, underWay, seconds }: InsertOrder) => {
  const pool = new pg.Pool({ connectionString: url, max: underWay });
  let count = 0;
  const latencies: number[] = [];
  const begun = performance.now();
  const one = async () => {
    while (performance.now() - begun < seconds * 1000) {
      const numbers = Array.from({ length: batch }, () => (count += 1));
      const values = [
        numbers.map((n) => `bare-${process.pid}-${n.toString(16).padStart(16, "0")}`),
        numbers,
        numbers,
        numbers.map((n) =>
          JSON.stringify({
            loss: 0.123456789 + (n % 500) / 997,
            accuracy: 0.87654321 + (n % 500) / 9973,
            lr: 0.001,
            grad_norm: 1.23456 + (n % 500),
            seconds: 0.0123,
          }),
        ),
      ];
      const sent = performance.now();
      await pool.query({ name: "bare", text: INSERT, values });
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: underWay }, one));
  const took = (performance.now() - begun) / 1000;
  await pool.end();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  process.send?.({
    requests: latencies.length,
    events: count,
    seconds: took,
    p50: at(0.5),
    p99: at(0.99),
    failures: 0,
  });
  process.disconnect?.();
});
