-- The first row of each identity of project @project with one of the ids @ids, received since @since: what stands there.
SELECT
  UNIX_MICROS(e.received_at) AS pos,
  e.project, e.run_id AS run, e.event_id AS id, e.writer, e.seq, e.kind, e.actor, e.epoch, e.step, e.batch,
  UNIX_MICROS(e.created_at) AS created_at, TO_JSON_STRING(e.logs) AS logs
FROM integraviz_events.events AS e
WHERE e.received_at >= TIMESTAMP_MICROS(@since) AND e.project = @project AND e.event_id IN UNNEST(@ids)
QUALIFY ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY e.received_at) = 1
