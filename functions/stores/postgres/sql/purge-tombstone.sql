-- Run $2 of project $1 takes no event from here on. That $3 did it and why ($4) is the last one.
WITH stone AS (
  INSERT INTO purged_runs (project, run_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING *
)
INSERT INTO events (project, run_id, event_id, writer, seq, kind, actor, created_at, logs, pos)
SELECT
  project, run_id, 'purge-' || gen_random_uuid(), 'server', (extract(epoch FROM now()) * 1000000)::bigint, 'purge', $3,
  now(), $4, (pg_current_xact_id()::text::bigint + xid_offset) << 20
FROM stone, log_origin
