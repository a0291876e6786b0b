-- The five numbers of every metric of @runs in @project, at @level or at every level where that is
-- null: the first @metrics of a run, @limit altogether.
SELECT
  s.run, s.metric, s.split, s.level, s.points::integer AS points,
  s.first_text, s.last_text, s.first, s.last, s.best, s.min, s.max, s.lower_is_better
FROM unnest(@runs::text[]) AS r (run_id)
CROSS JOIN LATERAL (SELECT pos FROM events WHERE project = @project AND run_id = r.run_id ORDER BY pos LIMIT 1) AS k
CROSS JOIN LATERAL (
  SELECT * FROM summary_by_event of
  WHERE of.project = @project AND of.run = r.run_id AND of.pos = k.pos AND (@level::text IS NULL OR of.level = @level)
  ORDER BY of.level DESC, of.metric, of.split
  LIMIT @metrics
) AS s
ORDER BY s.run, s.level DESC, s.metric, s.split
LIMIT @limit
