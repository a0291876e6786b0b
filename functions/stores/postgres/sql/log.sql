-- Whole events of the log from position $1 to before $2, of project $3 and run $4 or of all; $5 at the most, and no more
-- once their logs come to $6 bytes.
SELECT pos, project, run, id, writer, seq, kind, actor, epoch, step, batch, created_at, received_at, sent_skew, logs
FROM (
  SELECT page.*, sum(octet_length(logs)) OVER (ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM (
    SELECT
      pos, project, run_id AS run, event_id AS id, writer, seq, kind, actor, epoch, step, batch,
      (extract(epoch FROM created_at) * 1000000)::bigint AS created_at,
      (extract(epoch FROM received_at) * 1000000)::bigint AS received_at, sent_skew, logs::text AS logs
    FROM events
    WHERE
      pos >= $1::bigint AND pos < $2::bigint AND ($3::text IS NULL OR project = $3) AND ($4::text IS NULL OR run_id = $4)
    ORDER BY pos
    LIMIT $5
  ) AS page
) AS summed
WHERE coalesce(before, 0) < $6::bigint
ORDER BY pos
