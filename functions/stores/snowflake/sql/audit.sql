-- Who asked what of @run of @project, oldest first.
SELECT
  kind AS "kind", actor AS "actor", TO_CHAR(ts, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "at", TO_JSON(logs) AS "logs"
FROM audit WHERE project = @project AND run = @run ORDER BY pos
