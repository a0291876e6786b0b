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
  CAST(TIMESTAMPDIFF(MICROSECOND, COALESCE(e.before, r.started_at), e.ts) AS DOUBLE) / 1000000 AS value
FROM (
  SELECT
    project, run, writer, epoch, step, seq, ts,
    LAG(ts) OVER (PARTITION BY project, run, writer ORDER BY seq, pos) AS before
  FROM (SELECT DISTINCT project, run, writer, epoch, step, seq, ts, pos FROM metrics WHERE level = 'epoch') AS ends
) AS e
JOIN runs AS r ON r.project = e.project AND r.run = e.run
-- A clock that went back says nothing of how long it took.
WHERE e.ts >= COALESCE(e.before, r.started_at)
