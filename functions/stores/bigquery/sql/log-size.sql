-- How many events log.sql would give.
SELECT COUNT(*) AS events
FROM (
  SELECT e.run_id, UNIX_MICROS(e.received_at) AS pos
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP '1970-01-01 00:00:00+00' AND e.received_at < TIMESTAMP_MICROS(@before)
    AND (@project IS NULL OR e.project = @project)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.received_at) = 1
) AS first
WHERE first.pos >= @after AND (@run IS NULL OR first.run_id = @run)
