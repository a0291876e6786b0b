-- Runs of @project: @state, @text in name or id, @archived (each null: any), sorted by @sort,
-- @limit at the most, leaving out the first @offset; with @run only the run of that id.
SELECT
  r.project, r.run, r.name, r.state, r.note, r.archived, r.params, r.tags,
  iso(r.started_at) AS started_at,
  iso(r.ended_at) AS ended_at,
  iso(r.last_event_at) AS last_event_at
FROM (
  SELECT run_id, pos FROM run_keys WHERE project = @project AND @run::text IS NULL
  UNION ALL
  (SELECT run_id, pos FROM events WHERE project = @project AND run_id = @run ORDER BY pos LIMIT 1)
) AS k
JOIN run_by_event r ON r.project = @project AND r.run = k.run_id AND r.pos = k.pos
WHERE (@state::text IS NULL OR r.state = @state)
  AND (@text::text IS NULL OR strpos(lower(r.name), lower(@text)) > 0 OR strpos(lower(r.run), lower(@text)) > 0)
  AND (@archived::boolean IS NULL OR r.archived = @archived)
ORDER BY
  CASE @sort WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
  CASE @sort WHEN 'started_at' THEN r.started_at END,
  CASE @sort WHEN 'name' THEN r.name END,
  r.run
LIMIT @limit OFFSET @offset
