-- Runs of project $1: state $2, text $3 in name or id, archived $4 (each null: any), sorted by $5, $6 at the most,
-- leaving out the first $7; with $8 only the run of that id.
SELECT
  r.project, r.run, r.name, r.state, r.note, r.archived, r.params, r.tags,
  iso(r.started_at) AS started_at,
  iso(r.ended_at) AS ended_at,
  iso(r.last_event_at) AS last_event_at
FROM (
  SELECT run_id, pos FROM run_keys WHERE project = $1 AND $8::text IS NULL
  UNION ALL
  (SELECT run_id, pos FROM events WHERE project = $1 AND run_id = $8 ORDER BY pos LIMIT 1)
) AS k
JOIN run_by_event r ON r.project = $1 AND r.run = k.run_id AND r.pos = k.pos
WHERE ($2::text IS NULL OR r.state = $2)
  AND ($3::text IS NULL OR strpos(lower(r.name), lower($3)) > 0 OR strpos(lower(r.run), lower($3)) > 0)
  AND ($4::boolean IS NULL OR r.archived = $4)
ORDER BY
  CASE $5 WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
  CASE $5 WHEN 'started_at' THEN r.started_at END,
  CASE $5 WHEN 'name' THEN r.name END,
  r.run
LIMIT $6 OFFSET $7
