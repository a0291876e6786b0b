-- How much better a run does on what it has learned from than on what it has not, epoch by epoch: above 0 it learns by
-- heart. Both values come from the same event.
SELECT
  v.project,
  v.run,
  CONCAT('generalisation_gap.', v.metric) AS metric,
  v.split,
  v.level,
  v.writer,
  v.epoch,
  v.step,
  v.seq,
  v.ts,
  CASE
    WHEN LOWER(v.metric) LIKE '%loss%' OR LOWER(v.metric) LIKE '%error%' THEN v.value - t.value
    ELSE t.value - v.value
  END AS value
FROM metrics AS v
JOIN metrics AS t
  ON t.project = v.project AND t.run = v.run AND t.metric = v.metric AND t.level = v.level
  AND t.writer = v.writer AND t.seq = v.seq
WHERE v.split = 'validation' AND t.split = 'train' AND v.level = 'epoch'
