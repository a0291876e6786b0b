import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

const TAILS = `
  SELECT coalesce(max(tail.events), 0)::integer AS longest, coalesce(sum(tail.events), 0)::integer AS all
  FROM run_keys AS r
  LEFT JOIN metric_marks s USING (project, run_id)
  CROSS JOIN LATERAL (
    SELECT count(*) AS events FROM events e
    WHERE e.project = r.project AND e.run_id = r.run_id AND e.pos >= coalesce(s.pos, 0) AND e.kind IN ('on_epoch_end', 'on_train_batch_end', 'on_test_batch_end')
  ) AS tail`;

/** Events in the longest tail of a run, and in those of all. */
export async function tails(writerUrl: string): Promise<{ longest: number; all: number }> {
  const client = new pg.Client({ connectionString: writerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ longest: number; all: number }>(TAILS);
    return rows[0] as { longest: number; all: number };
  } finally {
    await client.end();
  }
}

/** Resolves once no tail has become shorter for two seconds: all that is to be sealed is. */
export async function untilSealed(writerUrl: string): Promise<void> {
  for (let before = -1; ; ) {
    const { all } = await tails(writerUrl);
    if (all === before) return;
    before = all;
    await delay(2_000);
  }
}
