-- Seconds of training that a point (a hundredth) of accuracy has cost up to here.
SELECT
  m.project,
  m.run,
  'cost_per_accuracy_point' AS metric,
  m.split,
  m.level,
  m.writer,
  m.epoch,
  m.step,
  m.seq,
  m.ts,
  CAST(EXTRACT(EPOCH FROM (m.ts - r.started_at)) AS DOUBLE PRECISION)
    / NULLIF(100 * MAX(m.value) OVER (
      PARTITION BY m.project, m.run, m.split, m.writer
      ORDER BY m.seq, m.pos ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ), 0) AS value
FROM metrics AS m
JOIN runs AS r ON r.project = m.project AND r.run = m.run
WHERE m.metric = 'accuracy' AND m.level = 'epoch' AND m.value_kind = 'finite'
