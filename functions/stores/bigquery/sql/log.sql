-- Whole events of the log from position @after to before @before, of project @project and run @run or of all, in their
-- order. Of several rows with one identity the first counts, however long ago it came: so the log is read from its
-- beginning, by one query for all pages (log-reads.ts).
SELECT
  first.pos, first.project, first.run_id AS run, first.event_id AS id, first.writer, first.seq, first.kind, first.actor,
  first.epoch, first.step, first.batch, UNIX_MICROS(first.created_at) AS created_at,
  UNIX_MICROS(COALESCE(first.first_received_at, first.received_at)) AS received_at, first.sent_skew, first.logs
FROM (
  SELECT e.*, UNIX_MICROS(e.received_at) AS pos
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP '1970-01-01 00:00:00+00' AND e.received_at < TIMESTAMP_MICROS(@before)
    AND (@project IS NULL OR e.project = @project)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.received_at) = 1
) AS first
WHERE first.pos >= @after AND (@run IS NULL OR first.run_id = @run)
ORDER BY first.pos
