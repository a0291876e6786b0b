-- Where the log ends now, and where the tails of @runs of @project begin: wherever that is, the log
-- once ended there or later.
SELECT r.run_id AS run, coalesce(s.pos, 0) AS mark, greatest(here.horizon, max(s.pos) OVER ()) AS horizon
FROM (SELECT log_horizon() AS horizon OFFSET 0) AS here
CROSS JOIN unnest(@runs::text[]) AS r (run_id)
LEFT JOIN metric_marks s ON s.project = @project AND s.run_id = r.run_id
