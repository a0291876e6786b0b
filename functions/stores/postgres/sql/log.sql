-- Whole events of the log from place $1 to before $2, of project $3 and run $4 or of all; $5 at the most.
SELECT
  pos, project, run_id AS run, event_id AS id, writer, seq, kind, actor, epoch, step, batch,
  (extract(epoch FROM created_at) * 1000000)::bigint AS created_at, sent_skew, logs::text
FROM events
WHERE pos >= $1::bigint AND pos < $2::bigint AND ($3::text IS NULL OR project = $3) AND ($4::text IS NULL OR run_id = $4)
ORDER BY pos
LIMIT $5
