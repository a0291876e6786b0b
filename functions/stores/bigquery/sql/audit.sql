-- Who asked what of run @run of project @project, oldest first.
SELECT kind, actor, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ts, 'UTC') AS `at`, logs
FROM integraviz_views.audit WHERE project = @project AND run = @run ORDER BY pos
