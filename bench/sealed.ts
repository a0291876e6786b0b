import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

const LONGEST_TAIL = `
  SELECT coalesce(max(tail.events), 0)::integer AS events
  FROM (SELECT DISTINCT run_id FROM events WHERE kind = 'on_train_batch_end') AS r
  LEFT JOIN sealed s USING (run_id)
  CROSS JOIN LATERAL (
    SELECT count(*) AS events FROM events e
    WHERE e.project = 'default' AND e.run_id = r.run_id AND e.pos >= coalesce(s.pos, 0) AND e.kind = 'on_train_batch_end'
  ) AS tail`;

/** The events in the longest tail of a run once it has stayed the same for a second: nothing is being sealed any more. */
export async function untilSealed(writerUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: writerUrl });
  await client.connect();
  try {
    for (let before = -1; ; ) {
      const { rows } = await client.query<{ events: number }>(LONGEST_TAIL);
      const { events } = rows[0] as { events: number };
      if (events === before) return events;
      before = events;
      await delay(1_000);
    }
  } finally {
    await client.end();
  }
}
