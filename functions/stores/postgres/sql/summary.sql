-- The five numbers of every metric of @runs in @project, at @level or at every level where that is
-- null.
SELECT
  s.run, s.metric, s.split, s.level, s.points::integer AS points,
  s.first_text, s.last_text, s.first, s.last, s.best, s.min, s.max, s.lower_is_better
FROM unnest(@runs::text[]) AS r (run_id)
CROSS JOIN LATERAL (SELECT pos FROM events WHERE project = @project AND run_id = r.run_id ORDER BY pos LIMIT 1) AS k
JOIN summary_by_event s ON s.project = @project AND s.run = r.run_id AND s.pos = k.pos
WHERE @level::text IS NULL OR s.level = @level
ORDER BY s.run, s.level DESC, s.metric, s.split
