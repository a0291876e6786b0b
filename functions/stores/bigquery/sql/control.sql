-- What is asked of runs @runs of project @project since @since and not answered, a row each: the last request to stop,
-- and of the last 100 to adjust something the last for each name. Its writers' beginnings and ends are answers, or a
-- mark that it has ended; of several writers those that began before and have not ended are still asked. Runs without
-- events are absent.
WITH said AS (
  -- Of several rows with one identity the first counts: what is stored again is no new answer.
  SELECT
    e.run_id, e.event_id, e.kind, e.writer, e.seq, e.actor, e.logs, e.created_at, UNIX_MICROS(e.received_at) AS pos
  FROM integraviz_events.events AS e
  WHERE e.received_at >= TIMESTAMP_MICROS(@since) AND e.project = @project AND e.run_id IN UNNEST(@runs)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY e.received_at) = 1
),
run AS (
  SELECT
    run_id,
    MAX(IF(kind IN ('on_train_begin', 'on_train_end', 'end_marked'), pos, 0)) AS answered,
    MAX(IF(kind = 'on_train_begin', pos, 0)) AS last_begin,
    MAX(IF(kind = 'end_marked', pos, 0)) AS marked
  FROM said GROUP BY run_id
),
turn AS (
  SELECT w.run_id, w.kind, w.pos, w.writer_last
  FROM (SELECT s.*, MAX(s.pos) OVER (PARTITION BY s.run_id, s.writer) AS writer_last FROM said AS s) AS w
  WHERE w.kind IN ('on_train_begin', 'on_train_end')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY w.run_id, w.writer ORDER BY w.seq DESC, w.pos DESC) = 1
),
still AS (
  SELECT t.run_id, MIN(t.pos) AS open_since
  FROM turn AS t JOIN run AS r ON r.run_id = t.run_id
  WHERE t.kind = 'on_train_begin' AND t.writer_last >= r.last_begin
  GROUP BY t.run_id
),
asked AS (
  SELECT * FROM said WHERE kind IN ('stop_requested', 'adjust_requested')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY run_id, kind, JSON_VALUE(logs, '$.name') ORDER BY pos DESC) = 1
    AND ROW_NUMBER() OVER (PARTITION BY run_id, kind ORDER BY pos DESC) <= 100
)
SELECT
  @project AS project, r.run_id AS run, IF(a.pending, a.kind, NULL) AS kind, a.event_id, a.actor,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', a.created_at, 'UTC') AS `at`, TO_JSON_STRING(a.logs) AS logs
FROM run AS r
LEFT JOIN (
  SELECT
    asked.*,
    run.answered <= asked.pos OR (run.marked <= asked.pos AND COALESCE(still.open_since < asked.pos, FALSE)) AS pending
  FROM asked
  JOIN run ON run.run_id = asked.run_id
  LEFT JOIN still ON still.run_id = asked.run_id
) AS a ON a.run_id = r.run_id
