-- The highest seq of the tags of run $2 of project $1, 0 where it has none; no row where the run has no events.
SELECT coalesce((SELECT max(seq) FROM events WHERE project = $1 AND run_id = $2 AND kind = 'tags'), 0) AS seq
WHERE EXISTS (SELECT FROM events WHERE project = $1 AND run_id = $2)
