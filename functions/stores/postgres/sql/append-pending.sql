-- What insert.sql is followed by: the requests to stop that wait for an answer, of the runs with project $16 and id $17
-- for which $18 is true.
SELECT r.project, r.run_id AS run, s.event_id, s.actor, s.logs ->> 'reason' AS reason, iso(s.created_at) AS at
FROM unnest($16::text[], $17::text[], $18::boolean[]) AS r (project, run_id, asks)
CROSS JOIN LATERAL pending_stop(r.project, r.run_id) AS s
WHERE r.asks
