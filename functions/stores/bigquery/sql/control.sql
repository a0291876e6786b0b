-- What is asked of runs @runs of project @project since @since: the last request to stop that the run has not answered,
-- neither ended nor begun anew. Runs without events are absent.
SELECT
  @project AS project, last.run_id AS run,
  IF(last.kind = 'stop_requested', last.event_id, NULL) AS event_id,
  IF(last.kind = 'stop_requested', last.actor, NULL) AS actor,
  IF(last.kind = 'stop_requested', JSON_VALUE(last.logs, '$.reason'), NULL) AS reason,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', last.created_at, 'UTC') AS `at`
FROM (
  -- Of several rows with one identity the first counts: what is stored again is no new answer.
  SELECT e.run_id, e.event_id, e.kind, e.actor, e.logs, e.created_at, e.received_at
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP_MICROS(@since) AND e.project = @project AND e.run_id IN UNNEST(@runs)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY e.received_at) = 1
) AS last
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY last.run_id
  ORDER BY
    last.kind IN ('stop_requested', 'on_train_begin', 'on_train_end') DESC,
    last.received_at DESC,
    last.kind = 'stop_requested'
) = 1
