-- Whole events of the log from place @after to before @before, of project @project and run @run or of all, at most
-- @limit. Of several rows with one identity the first counts, however long ago it came: each page reads the log from
-- its beginning.
SELECT
  first.pos, first.project, first.run_id AS run, first.event_id AS id, first.writer, first.seq, first.kind, first.actor,
  first.epoch, first.step, first.batch, UNIX_MICROS(first.created_at) AS created_at,
  UNIX_MICROS(COALESCE(first.first_received_at, first.received_at)) AS received_at, first.sent_skew, first.logs,
  RANK() OVER (ORDER BY first.pos) AS place
FROM (
  SELECT e.*, UNIX_MICROS(e.received_at) AS pos
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP_MICROS(@since) AND e.received_at < TIMESTAMP_MICROS(@before)
    AND (@project IS NULL OR e.project = @project)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.received_at) = 1
) AS first
WHERE first.pos >= @after AND (@run IS NULL OR first.run_id = @run)
QUALIFY RANK() OVER (ORDER BY first.pos) <= @limit
ORDER BY place
