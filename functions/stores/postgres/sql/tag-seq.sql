-- The highest seq of the tags of @run of @project, 0 where it has none; no row where the run has no
-- events.
SELECT coalesce((SELECT max(seq) FROM events WHERE project = @project AND run_id = @run AND kind = 'tags'), 0) AS seq
WHERE EXISTS (SELECT FROM events WHERE project = @project AND run_id = @run)
