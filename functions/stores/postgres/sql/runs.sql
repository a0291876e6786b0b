-- Runs of @project: @state, @text in name or id, @archived (each null: any), sorted by @sort,
-- @limit at the most, leaving out the first @offset; with @run only the run of that id. The newest
-- ones come from the index, and no others are looked at: a plan is made for each sort. OFFSET 0 as in
-- the view runs.
SELECT
  r.project, r.run, r.name, r.state, r.note, r.archived, r.params, r.tags,
  iso(k.started_at) AS started_at,
  iso(r.ended_at) AS ended_at,
  iso(r.last_event_at) AS last_event_at
FROM run_keys k
CROSS JOIN LATERAL (
  SELECT * FROM run_by_event of WHERE of.project = k.project AND of.run = k.run_id AND of.pos = k.pos OFFSET 0
) AS r
WHERE k.project = @project AND (@run::text IS NULL OR k.run_id = @run)
  AND (@state::text IS NULL OR r.state = @state)
  AND (@text::text IS NULL OR strpos(lower(r.name), lower(@text)) > 0 OR strpos(lower(r.run), lower(@text)) > 0)
  AND (@archived::boolean IS NULL OR r.archived = @archived)
ORDER BY
  CASE @sort WHEN '-started_at' THEN k.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
  CASE @sort WHEN 'started_at' THEN k.started_at END,
  CASE @sort WHEN 'name' THEN r.name END,
  k.run_id
LIMIT @limit OFFSET @offset
