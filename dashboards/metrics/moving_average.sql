-- The mean of the last five finite values of a metric.
SELECT
  project,
  run,
  CONCAT('moving_average.', metric) AS metric,
  split,
  level,
  writer,
  epoch,
  step,
  seq,
  ts,
  AVG(value) OVER (
    PARTITION BY project, run, metric, split, level, writer
    ORDER BY seq, pos ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
  ) AS value
FROM metrics
WHERE value_kind = 'finite'
