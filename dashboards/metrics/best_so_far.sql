-- The best value of a metric up to here: the lowest of a loss or an error, the highest of anything else.
SELECT
  project,
  run,
  CONCAT('best_so_far.', metric) AS metric,
  split,
  level,
  writer,
  epoch,
  step,
  seq,
  ts,
  CASE
    WHEN LOWER(metric) LIKE '%loss%' OR LOWER(metric) LIKE '%error%' THEN MIN(value) OVER (
      PARTITION BY project, run, metric, split, level
      ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
    ELSE MAX(value) OVER (
      PARTITION BY project, run, metric, split, level
      ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
  END AS value
FROM metrics
WHERE value_kind = 'finite'
