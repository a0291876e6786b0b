-- What is known of each metric of each run, beside the run's name and beginning. No point is read for it where the store
-- keeps such numbers.
SELECT
  s.project,
  s.run,
  r.name,
  r.state,
  r.started_at,
  s.metric,
  s.split,
  s.level,
  s.points,
  s.first,
  s.first_text,
  s.last,
  s.last_text,
  s.best,
  s.min,
  s.max
FROM run_summary AS s
JOIN runs AS r ON r.project = s.project AND r.run = s.run
