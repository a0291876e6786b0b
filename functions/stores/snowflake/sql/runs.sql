-- Runs of @project: @state, @text in name or id, @archived (each null: any), sorted by @sort,
-- @limit at the most, leaving out the first @offset; with @run only the run of that id.
SELECT
  r.project AS "project", r.run AS "run", r.name AS "name", r.state AS "state", r.note AS "note",
  r.archived AS "archived", TO_JSON(r.params) AS "params", TO_JSON(r.tags) AS "tags",
  TO_CHAR(r.started_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "started_at",
  TO_CHAR(r.ended_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "ended_at",
  TO_CHAR(r.last_event_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "last_event_at"
FROM runs r
WHERE r.project = @project
  AND (CAST(@state AS VARCHAR) IS NULL OR r.state = @state)
  AND (CAST(@text AS VARCHAR) IS NULL OR CONTAINS(LOWER(r.name), LOWER(@text)) OR CONTAINS(LOWER(r.run), LOWER(@text)))
  AND (CAST(@archived AS VARCHAR) IS NULL OR r.archived = CAST(@archived AS BOOLEAN))
  AND (CAST(@run AS VARCHAR) IS NULL OR r.run = @run)
QUALIFY ROW_NUMBER() OVER (
  ORDER BY
    CASE @sort WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
    CASE @sort WHEN 'started_at' THEN r.started_at END,
    CASE @sort WHEN 'name' THEN r.name END,
    r.run
) BETWEEN CAST(@offset AS NUMBER(19, 0)) + 1 AND CAST(@offset AS NUMBER(19, 0)) + CAST(@limit AS NUMBER(19, 0))
ORDER BY
  CASE @sort WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
  CASE @sort WHEN 'started_at' THEN r.started_at END,
  CASE @sort WHEN 'name' THEN r.name END,
  r.run
