-- What is asked of runs ({project, run} each, as JSON in @runs): the last request to stop that the
-- run has not answered, neither ended nor begun anew. Runs without events are absent.
SELECT
  said.project AS "project", said.run_id AS "run",
  IFF(said.kind = 'stop_requested', said.event_id, NULL) AS "event_id",
  IFF(said.kind = 'stop_requested', said.actor, NULL) AS "actor",
  IFF(said.kind = 'stop_requested', CAST(said.logs:reason AS VARCHAR), NULL) AS "reason",
  TO_CHAR(said.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "at"
FROM (
  -- An event that stands there twice is the first of them: what is stored again is no new answer.
  SELECT e.*
  FROM (
    SELECT CAST(f.value:project AS VARCHAR) AS project, CAST(f.value:run AS VARCHAR) AS run_id
    FROM TABLE(FLATTEN(INPUT => PARSE_JSON(@runs))) f
  ) i
  JOIN events e ON e.project = i.project AND e.run_id = i.run_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.pos) = 1
) said
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY said.project, said.run_id
  ORDER BY
    IFF(said.kind IN ('stop_requested', 'on_train_begin', 'on_train_end'), 0, 1),
    said.pos DESC,
    IFF(said.kind = 'stop_requested', 1, 0)
) = 1
