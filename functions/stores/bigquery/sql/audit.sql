-- Who asked what of run @run of project @project, and what it made of adjustments, oldest first.
SELECT
  event_id, kind, actor, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', created_at, 'UTC') AS `at`,
  IF(logs IS NULL, NULL, TO_JSON_STRING(logs)) AS logs
FROM integraviz_views.log
WHERE project = @project AND run_id = @run AND (actor IS NOT NULL OR kind IN ('adjust_applied', 'adjust_refused'))
ORDER BY pos
