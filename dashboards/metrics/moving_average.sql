-- The mean of the last five finite values of a metric; null where one of them is beyond what a sum can hold.
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
  CASE WHEN beyond > 0 THEN NULL WHEN ABS(total) < 1e-300 THEN 0 ELSE total / points END AS value
FROM (
  SELECT
    m.*,
    SUM(CASE WHEN ABS(value) < 3e307 THEN value ELSE 0 END) OVER (
      PARTITION BY project, run, metric, split, level, writer
      ORDER BY seq, pos ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS total,
    SUM(CASE WHEN ABS(value) < 3e307 THEN 0 ELSE 1 END) OVER (
      PARTITION BY project, run, metric, split, level, writer
      ORDER BY seq, pos ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS beyond,
    COUNT(value) OVER (
      PARTITION BY project, run, metric, split, level, writer
      ORDER BY seq, pos ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS points
  FROM metrics AS m
  WHERE value_kind = 'finite'
) AS sums
