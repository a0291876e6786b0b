-- Seconds from the end of one epoch to the end of the next; of the first, from the beginning of the run.
SELECT
  e.project,
  e.run,
  'time_per_epoch' AS metric,
  'train' AS split,
  'epoch' AS level,
  e.writer,
  e.epoch,
  e.step,
  e.seq,
  e.ts,
  seconds_between(e.began, e.ts) AS value
FROM (
  SELECT
    ends.project, ends.run, ends.writer, ends.epoch, ends.step, ends.seq, ends.ts,
    COALESCE(
      LAG(ends.ts) OVER (PARTITION BY ends.project, ends.run, ends.writer ORDER BY ends.seq, ends.pos),
      r.started_at
    ) AS began
  FROM (SELECT DISTINCT project, run, writer, epoch, step, seq, ts, pos FROM metrics WHERE level = 'epoch') AS ends
  JOIN runs AS r ON r.project = ends.project AND r.run = ends.run
) AS e
-- A clock that went back says nothing of how long it took.
WHERE e.ts >= e.began
