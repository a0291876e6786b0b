-- The five numbers of every metric of @runs (JSON) in @project, at @level or at every level where
-- that is null: the first @metrics of a run, @limit altogether.
SELECT
  run AS "run", metric AS "metric", split AS "split", level AS "level", points AS "points",
  first_text AS "first_text", last_text AS "last_text", best AS "best", min AS "min", max AS "max",
  lower_is_better AS "lower_is_better"
FROM run_summary
WHERE project = @project
  AND run IN (SELECT CAST(f.value AS VARCHAR) FROM TABLE(FLATTEN(INPUT => PARSE_JSON(@runs))) f)
  AND (CAST(@level AS VARCHAR) IS NULL OR level = @level)
QUALIFY ROW_NUMBER() OVER (PARTITION BY run ORDER BY level DESC, metric, split) <= CAST(@metrics AS NUMBER(19, 0))
ORDER BY run, level DESC, metric, split
LIMIT @limit
