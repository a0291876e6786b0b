-- Who asked what of run $2 of project $1, oldest first.
SELECT kind, actor, iso(ts) AS at, logs
FROM audit WHERE project = $1 AND run = $2 ORDER BY pos
