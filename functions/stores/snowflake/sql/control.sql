-- What is asked of runs ({project, run} each, as JSON in :1); runs without events are absent.
SELECT
  r.project AS "project", r.run_id AS "run", s.event_id AS "event_id", s.actor AS "actor",
  CAST(s.logs:reason AS VARCHAR) AS "reason", TO_CHAR(s.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "at"
FROM (
  SELECT
    e.project, e.run_id,
    MAX(IFF(e.kind = 'stop_requested', e.pos, NULL)) AS asked,
    MAX(IFF(e.kind IN ('on_train_begin', 'on_train_end'), e.pos, NULL)) AS answered
  FROM (
    SELECT CAST(f.value:project AS VARCHAR) AS project, CAST(f.value:run AS VARCHAR) AS run_id
    FROM TABLE(FLATTEN(INPUT => PARSE_JSON(:1))) f
  ) i
  JOIN events e ON e.project = i.project AND e.run_id = i.run_id
  GROUP BY e.project, e.run_id
) r
LEFT JOIN events s
  ON s.project = r.project AND s.run_id = r.run_id AND s.pos = r.asked AND r.asked > COALESCE(r.answered, -1)
