-- The highest seq of the tags of run @run of project @project, 0 where it has none; no row where the run
-- has no events.
SELECT COALESCE(MAX(IF(kind = 'tags', seq, NULL)), 0) AS seq
FROM integraviz_events.events
WHERE received_at >= TIMESTAMP '1970-01-01 00:00:00+00' AND project = @project AND run_id = @run
HAVING COUNT(*) > 0
