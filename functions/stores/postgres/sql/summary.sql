-- The five numbers of every metric of runs $2 in project $1, at level $3 or at every level where that is null.
SELECT
  run, metric, split, level, points::integer AS points,
  first_text, last_text, first, last, best, min, max
FROM run_summary
WHERE project = $1 AND run = ANY ($2::text[]) AND ($3::text IS NULL OR level = $3)
ORDER BY run, level DESC, metric, split
