-- Where the log ends now, and where the tails of runs $2 of project $1 begin.
SELECT r.run_id AS run, coalesce(s.pos, 0) AS mark, here.horizon
FROM (SELECT log_horizon() AS horizon OFFSET 0) AS here
CROSS JOIN unnest($2::text[]) AS r (run_id)
LEFT JOIN sealed s ON s.project = $1 AND s.run_id = r.run_id
