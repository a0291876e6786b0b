-- What is asked of @runs of @project; runs without events are absent.
SELECT @project::text AS project, r.run_id AS run, s.event_id, s.actor, s.logs ->> 'reason' AS reason, iso(s.created_at) AS at
FROM unnest(@runs::text[]) AS r (run_id)
LEFT JOIN LATERAL pending_stop(@project, r.run_id) AS s ON true
WHERE EXISTS (SELECT FROM events e WHERE e.project = @project AND e.run_id = r.run_id)
