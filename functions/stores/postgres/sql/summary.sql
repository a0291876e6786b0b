-- The five numbers of every metric of runs $2 in project $1, at level $3 or at every level where that is null.
SELECT
  s.run, s.metric, s.split, s.level, s.points::integer AS points,
  s.first_text, s.last_text, s.first, s.last, s.best, s.min, s.max
FROM unnest($2::text[]) AS r (run_id)
CROSS JOIN LATERAL (SELECT pos FROM events WHERE project = $1 AND run_id = r.run_id ORDER BY pos LIMIT 1) AS k
JOIN summary_by_event s ON s.project = $1 AND s.run = r.run_id AND s.pos = k.pos
WHERE $3::text IS NULL OR s.level = $3
ORDER BY s.run, s.level DESC, s.metric, s.split
