-- Runs of project @project: state @state, text @text in name or id, archived @archived (each null: any), sorted by @sort,
-- @limit at the most, leaving out the first @offset; with @run only the run of that id.
SELECT
  r.project, r.run, r.name, r.state, r.note, r.archived, r.params, r.tags,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', r.started_at, 'UTC') AS started_at,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', r.ended_at, 'UTC') AS ended_at,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', r.last_event_at, 'UTC') AS last_event_at
FROM integraviz_views.runs AS r
WHERE r.project = @project
  AND (@state IS NULL OR r.state = @state)
  AND (@text IS NULL OR STRPOS(LOWER(r.name), LOWER(@text)) > 0 OR STRPOS(LOWER(r.run), LOWER(@text)) > 0)
  AND (@archived IS NULL OR r.archived = @archived)
  AND (@run IS NULL OR r.run = @run)
ORDER BY
  CASE @sort WHEN '-started_at' THEN r.started_at WHEN '-last_event_at' THEN r.last_event_at END DESC,
  CASE @sort WHEN 'started_at' THEN r.started_at END,
  CASE @sort WHEN 'name' THEN r.name END,
  r.run
LIMIT @limit OFFSET @offset
