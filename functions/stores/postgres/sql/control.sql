-- What is asked of runs $2 of project $1; runs without events are absent.
SELECT r.run_id AS run, s.event_id, s.actor, s.logs ->> 'reason' AS reason, iso(s.created_at) AS at
FROM unnest($2::text[]) AS r (run_id)
LEFT JOIN LATERAL pending_stop($1, r.run_id) AS s ON true
WHERE EXISTS (SELECT FROM events e WHERE e.project = $1 AND e.run_id = r.run_id)
