-- @run of @project takes no event from here on. That @actor did it and why (@logs) is the last one.
WITH stone AS (
  INSERT INTO purged_runs (project, run_id) VALUES (@project, @run) ON CONFLICT DO NOTHING RETURNING *
)
INSERT INTO events (project, run_id, event_id, writer, seq, kind, actor, created_at, logs, pos)
SELECT
  project, run_id, 'purge-' || gen_random_uuid(), 'server', (extract(epoch FROM now()) * 1000000)::bigint,
  'purge', @actor, now(), @logs, (pg_current_xact_id()::text::bigint + xid_offset) << 20
FROM stone, log_origin
