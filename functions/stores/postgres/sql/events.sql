-- Events of project $1 after $2 and below the horizon, of the runs $3 or of all where that is null, at most $4.
SELECT
  e.pos, e.run_id AS run, e.event_id, e.kind, e.writer, e.seq, e.actor, e.epoch, e.step, e.batch,
  (date_part('epoch', e.created_at) * 1000)::double precision AS at, e.logs
FROM events e
WHERE e.project = $1 AND e.pos >= $2 AND e.pos < $5 AND ($3::text[] IS NULL OR e.run_id = ANY ($3))
ORDER BY e.pos
LIMIT $4
