-- Events of project @project from @after on and before @before, of the runs @runs (none: all), the first @limit positions,
-- and no more once their logs come to @bytes.
-- Of several rows with one identity the first counts: the others are looked for back to @since.
SELECT
  first.pos, first.run_id AS run, first.event_id, first.kind, first.writer, first.seq, first.actor,
  first.epoch, first.step, first.batch, UNIX_MICROS(first.created_at) / 1000000 * 1000 AS `at`, first.logs_text AS logs
FROM (
  SELECT e.*, UNIX_MICROS(e.received_at) AS pos, IF(e.logs IS NULL, NULL, TO_JSON_STRING(e.logs)) AS logs_text
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP_MICROS(@since) AND e.received_at < TIMESTAMP_MICROS(@before)
    AND e.project = @project
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY e.received_at) = 1
) AS first
WHERE first.pos >= @after AND (COALESCE(ARRAY_LENGTH(@runs), 0) = 0 OR first.run_id IN UNNEST(@runs))
QUALIFY RANK() OVER (ORDER BY first.pos) <= @limit
  AND SUM(LENGTH(COALESCE(first.logs_text, ''))) OVER (ORDER BY first.pos)
    - SUM(LENGTH(COALESCE(first.logs_text, ''))) OVER (PARTITION BY first.pos) < @bytes
ORDER BY first.pos
