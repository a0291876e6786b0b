-- Who asked what of @run of @project, and what it made of adjustments, oldest first.
SELECT
  event_id AS "event_id", kind AS "kind", actor AS "actor",
  TO_CHAR(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"') AS "at", logs_text AS "logs"
FROM event_log
WHERE project = @project AND run_id = @run AND (actor IS NOT NULL OR kind IN ('adjust_applied', 'adjust_refused'))
ORDER BY pos
