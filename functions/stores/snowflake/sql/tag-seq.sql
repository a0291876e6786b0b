-- The highest seq of the tags of @run of @project, 0 where it has none; no row where the run has no
-- events.
SELECT COALESCE(MAX(IFF(kind = 'tags', seq, NULL)), 0) AS "seq"
FROM events WHERE project = @project AND run_id = @run
HAVING COUNT(*) > 0
