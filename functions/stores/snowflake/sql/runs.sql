-- Runs of project :1: state :2, text :3 in name or id, archived :4 (each null: any), sorted by :5, :6 at the most,
-- leaving out the first :7; with :8 only the run of that id.
SELECT
  r.project AS "project", r.run AS "run", r.name AS "name", r.state AS "state", r.note AS "note",
  r.archived AS "archived", TO_JSON(r.params) AS "params", TO_JSON(r.tags) AS "tags",
  TO_CHAR(r.started_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "started_at",
  TO_CHAR(r.ended_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "ended_at",
  TO_CHAR(r.last_event_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "last_event_at"
FROM runs r
WHERE r.project = :1
  AND (CAST(:2 AS VARCHAR) IS NULL OR r.state = :2)
  AND (CAST(:3 AS VARCHAR) IS NULL OR CONTAINS(LOWER(r.name), LOWER(:3)) OR CONTAINS(LOWER(r.run), LOWER(:3)))
  AND (CAST(:4 AS VARCHAR) IS NULL OR r.archived = (:4 = 'true'))
  AND (CAST(:8 AS VARCHAR) IS NULL OR r.run = :8)
QUALIFY ROW_NUMBER() OVER (
  ORDER BY
    CASE :5 WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
    CASE :5 WHEN 'started_at' THEN r.started_at END,
    CASE :5 WHEN 'name' THEN r.name END,
    r.run
) BETWEEN CAST(:7 AS NUMBER(19, 0)) + 1 AND CAST(:7 AS NUMBER(19, 0)) + CAST(:6 AS NUMBER(19, 0))
ORDER BY
  CASE :5 WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
  CASE :5 WHEN 'started_at' THEN r.started_at END,
  CASE :5 WHEN 'name' THEN r.name END,
  r.run
