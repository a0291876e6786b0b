-- Whole events of the log from position @after to before @before, of @project and @run or of all;
-- @limit at the most, and no more once their logs come to @bytes.
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
      pos >= @after::bigint AND pos < @before::bigint
      AND (@project::text IS NULL OR project = @project) AND (@run::text IS NULL OR run_id = @run)
    ORDER BY pos
    LIMIT @limit
  ) AS page
) AS summed
WHERE coalesce(before, 0) < @bytes::bigint
ORDER BY pos
