-- Of events ({project, id} each, as JSON in @events) those that stand there already, in their first
-- body.
SELECT
  e.project AS "project", e.event_id AS "id", e.run_id AS "run", e.writer AS "writer", e.seq AS "seq",
  e.kind AS "kind", e.actor AS "actor", e.epoch AS "epoch", e.step AS "step", e.batch AS "batch",
  DATE_PART(EPOCH_MICROSECOND, e.created_at) AS "created_at", e.logs_text AS "logs"
FROM (
  SELECT CAST(f.value:project AS VARCHAR) AS project, CAST(f.value:id AS VARCHAR) AS event_id
  FROM TABLE(FLATTEN(INPUT => PARSE_JSON(@events))) f
) i
JOIN events e ON e.project = i.project AND e.event_id = i.event_id
QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.pos) = 1
