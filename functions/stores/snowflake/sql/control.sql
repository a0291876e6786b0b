-- What is asked of runs ({project, run} each, as JSON in @runs) and not answered, a row each: the
-- last request to stop, and of the last 100 to adjust something the last for each name. Its writers'
-- beginnings and ends are answers, or a mark that it has ended; of several writers those that began
-- before and have not ended are still asked. Runs without events are absent.
WITH said AS (
  -- An event that stands there twice is the first of them: what is stored again is no new answer.
  SELECT e.*
  FROM (
    SELECT CAST(f.value:project AS VARCHAR) AS project, CAST(f.value:run AS VARCHAR) AS run_id
    FROM TABLE(FLATTEN(INPUT => PARSE_JSON(@runs))) f
  ) i
  JOIN events e ON e.project = i.project AND e.run_id = i.run_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.pos) = 1
),
run AS (
  SELECT
    project, run_id,
    MAX(IFF(kind IN ('on_train_begin', 'on_train_end', 'end_marked'), pos, 0)) AS answered,
    MAX(IFF(kind = 'on_train_begin', pos, 0)) AS last_begin,
    MAX(IFF(kind = 'end_marked', pos, 0)) AS marked
  FROM said GROUP BY project, run_id
),
turn AS (
  SELECT w.project, w.run_id, w.kind, w.pos, w.writer_last
  FROM (
    SELECT s.*, MAX(s.pos) OVER (PARTITION BY s.project, s.run_id, s.writer) AS writer_last FROM said s
  ) w
  WHERE w.kind IN ('on_train_begin', 'on_train_end')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY w.project, w.run_id, w.writer ORDER BY w.seq DESC, w.pos DESC) = 1
),
still AS (
  SELECT t.project, t.run_id, MIN(t.pos) AS open_since
  FROM turn t JOIN run r ON r.project = t.project AND r.run_id = t.run_id
  WHERE t.kind = 'on_train_begin' AND t.writer_last >= r.last_begin
  GROUP BY t.project, t.run_id
),
asked AS (
  SELECT * FROM said WHERE kind IN ('stop_requested', 'adjust_requested')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, run_id, kind, CAST(logs:name AS VARCHAR) ORDER BY pos DESC) = 1
    AND ROW_NUMBER() OVER (PARTITION BY project, run_id, kind ORDER BY pos DESC) <= 100
)
SELECT
  r.project AS "project", r.run_id AS "run",
  a.kind AS "kind", a.event_id AS "event_id", a.actor AS "actor",
  TO_CHAR(a.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "at", a.logs_text AS "logs"
FROM run r
LEFT JOIN still ON still.project = r.project AND still.run_id = r.run_id
LEFT JOIN asked a ON a.project = r.project AND a.run_id = r.run_id
  AND (r.answered <= a.pos OR (r.marked <= a.pos AND still.open_since < a.pos))
