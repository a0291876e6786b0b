-- The best value of a metric up to here: the lowest where lower is better, else the highest.
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
    WHEN lower_is_better THEN MIN(value) OVER (
      PARTITION BY project, run, metric, split, level
      ORDER BY seq, pos ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
    ELSE MAX(value) OVER (
      PARTITION BY project, run, metric, split, level
      ORDER BY seq, pos ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
  END AS value
FROM metrics
WHERE value_kind = 'finite'
