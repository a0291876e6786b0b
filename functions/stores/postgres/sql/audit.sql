-- Who asked what of @run of @project, oldest first.
SELECT kind, actor, iso(ts) AS at, logs
FROM audit WHERE project = @project AND run = @run ORDER BY pos
