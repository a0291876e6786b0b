-- The five numbers of every metric of runs @runs in project @project, at level @level or at every level where that is null:
-- the first @metrics of a run, @limit altogether.
SELECT
  run, metric, split, level, points,
  first_text, last_text, first, last, best, min, max, lower_is_better
FROM integraviz_views.run_summary
WHERE project = @project AND run IN UNNEST(@runs) AND (@level IS NULL OR level = @level)
QUALIFY ROW_NUMBER() OVER (PARTITION BY run ORDER BY level DESC, metric, split) <= @metrics
ORDER BY run, level DESC, metric, split
LIMIT @limit
