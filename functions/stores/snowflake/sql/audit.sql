-- Who asked what of run :2 of project :1, oldest first.
SELECT
  kind AS "kind", actor AS "actor", TO_CHAR(ts, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "at", TO_JSON(logs) AS "logs"
FROM audit WHERE project = :1 AND run = :2 ORDER BY pos
