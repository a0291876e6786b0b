-- The oldest 1,000 metric events in the tail of @run in @project, or fewer of them whose logs are
-- 32 MB together, as one row: columns in the log's order, binary ones as base64. @horizon is where
-- the log ended before this statement began.
SELECT
  min(e.mark) AS from_pos,
  count(*) = 1000 OR sum(octet_length(e.logs)) >= 32000000 AS is_whole,
  string_agg(e.kind, ',') AS kinds,
  encode(string_agg(int8send(e.pos), ''), 'base64') AS poses,
  encode(string_agg(int8send(e.seq), ''), 'base64') AS seqs,
  encode(string_agg(float8send(coalesce(e.epoch::double precision, 'NaN')), ''), 'base64') AS epochs,
  encode(string_agg(float8send(coalesce(e.step::double precision, 'NaN')), ''), 'base64') AS steps,
  encode(string_agg(float8send(date_part('epoch', e.created_at) * 1000), ''), 'base64') AS times,
  json_agg(e.writer)::text AS writers,
  '[' || string_agg(e.logs, ',') || ']' AS logs
FROM (
  SELECT
    e.*, here.mark,
    sum(octet_length(e.logs)) OVER (ORDER BY e.pos ROWS UNBOUNDED PRECEDING) - octet_length(e.logs) AS bytes_before
  FROM (
    SELECT coalesce((SELECT s.pos FROM metric_marks s WHERE s.project = @project AND s.run_id = @run), 0) AS mark OFFSET 0
  ) AS here
  CROSS JOIN LATERAL (
    SELECT pos, seq, epoch, step, created_at, kind, writer, logs::text AS logs FROM events
    -- As in series-tail.sql.
    WHERE project = @project AND (run_id, pos) >= (@run, here.mark) AND (run_id, pos) < (@run, @horizon)
      AND run_id = @run AND pos >= here.mark AND pos < @horizon
      AND kind IN ('on_epoch_end', 'on_train_batch_end', 'on_test_batch_end') AND logs IS NOT NULL
    ORDER BY run_id, pos LIMIT 1000
  ) AS e
  ORDER BY e.pos
  OFFSET 0
) AS e
WHERE e.bytes_before < 32000000
