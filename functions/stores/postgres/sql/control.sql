-- What is asked of @runs of @project, a row each; runs without events are absent.
SELECT @project::text AS project, r.run_id AS run, a.kind, a.event_id, a.actor, iso(a.created_at) AS at, a.logs
FROM unnest(@runs::text[]) AS r (run_id)
LEFT JOIN LATERAL pending_requests(@project, r.run_id) AS a ON true
WHERE EXISTS (SELECT FROM events e WHERE e.project = @project AND e.run_id = r.run_id)
