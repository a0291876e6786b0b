-- How much better a run does on what it has learned from than on what it has not, epoch by epoch: above 0 it learns by
-- heart. Both values come from the same event. Null where the difference is beyond what a double holds.
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
    WHEN v.value_kind = 'finite' AND t.value_kind = 'finite' AND (ABS(v.value) > 8e307 OR ABS(t.value) > 8e307) THEN NULL
    WHEN v.lower_is_better THEN v.value - t.value
    ELSE t.value - v.value
  END AS value
FROM metrics AS v
JOIN metrics AS t
  ON t.project = v.project AND t.run = v.run AND t.metric = v.metric AND t.level = v.level
  -- Of several events in one request, seq and writer may be the same.
  AND t.writer = v.writer AND t.seq = v.seq AND t.pos = v.pos
WHERE v.split = 'validation' AND t.split = 'train' AND v.level = 'epoch'
