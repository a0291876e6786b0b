-- Seconds of training that a point (a hundredth) of accuracy has cost up to here; null before there is any.
SELECT
  b.project,
  b.run,
  'cost_per_accuracy_point' AS metric,
  b.split,
  b.level,
  b.writer,
  b.epoch,
  b.step,
  b.seq,
  b.ts,
  CASE WHEN b.best >= 1e-9 THEN b.seconds / (100 * b.best) END AS value
FROM (
  SELECT
    m.*,
    seconds_between(r.started_at, m.ts) AS seconds,
    MAX(m.value) OVER (
      PARTITION BY m.project, m.run, m.split, m.writer
      ORDER BY m.seq, m.pos ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS best
  FROM metrics AS m
  JOIN runs AS r ON r.project = m.project AND r.run = m.run
  -- A clock that went back says nothing of how long it took.
  WHERE m.metric = 'accuracy' AND m.level = 'epoch' AND ABS(m.value) < 1e9 AND m.ts >= r.started_at
) AS b
