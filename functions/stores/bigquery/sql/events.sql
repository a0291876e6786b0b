-- Events of project @project from @after on and before @before, of the runs @runs (none: all), the first @limit places.
SELECT
  first.pos, first.run_id AS run, first.event_id, first.kind, first.writer, first.seq, first.actor,
  first.epoch, first.step, first.batch, UNIX_MICROS(first.created_at) / 1000000 * 1000 AS `at`, first.logs,
  RANK() OVER (ORDER BY first.pos) AS place
FROM (
  SELECT e.*, UNIX_MICROS(e.received_at) AS pos
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP_MICROS(@after) AND e.received_at < TIMESTAMP_MICROS(@before)
    AND e.project = @project
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY e.received_at) = 1
) AS first
WHERE COALESCE(ARRAY_LENGTH(@runs), 0) = 0 OR first.run_id IN UNNEST(@runs)
QUALIFY RANK() OVER (ORDER BY first.pos) <= @limit
ORDER BY place
