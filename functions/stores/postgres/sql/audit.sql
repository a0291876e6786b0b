-- Who asked what of @run of @project, and what it made of adjustments, oldest first.
SELECT e.event_id, e.kind, e.actor, iso(e.created_at) AS at, e.logs FROM events e
WHERE e.project = @project AND e.run_id = @run
  AND (e.actor IS NOT NULL OR e.kind IN ('adjust_applied', 'adjust_refused'))
ORDER BY e.pos
