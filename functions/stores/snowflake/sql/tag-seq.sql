-- The highest seq of the tags of run :2 of project :1, 0 where it has none; no row where the run has no events.
SELECT COALESCE(MAX(IFF(kind = 'tags', seq, NULL)), 0) AS "seq"
FROM events WHERE project = :1 AND run_id = :2
HAVING COUNT(*) > 0
