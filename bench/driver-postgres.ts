import pg from "pg";

/** The plain driver alone: connects and inserts one row. What any function on PostgreSQL has to pay. */
export async function handler({ url }: { url: string }): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO events (project, run_id, event_id, writer, seq, kind, created_at, logs, pos)
     VALUES ('bare', 'bench', gen_random_uuid()::text, '0', 1, 'on_epoch_end', now(), '{"loss": 1}',
       pg_current_xact_id()::text::bigint << 20)`,
  );
  await client.end();
}
