-- The five numbers of every metric of runs :2 (JSON) in project :1, at level :3 or at every level where that is null.
SELECT
  run AS "run", metric AS "metric", split AS "split", level AS "level", points AS "points",
  first_text AS "first_text", last_text AS "last_text", best AS "best", min AS "min", max AS "max"
FROM run_summary
WHERE project = :1
  AND run IN (SELECT CAST(f.value AS VARCHAR) FROM TABLE(FLATTEN(INPUT => PARSE_JSON(:2))) f)
  AND (CAST(:3 AS VARCHAR) IS NULL OR level = :3)
ORDER BY run, level DESC, metric, split
