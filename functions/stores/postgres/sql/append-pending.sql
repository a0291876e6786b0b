-- What insert.sql is followed by: the requests to stop that wait for an answer, of the runs with
-- project @run_projects and id @run_ids for which @asks is true.
SELECT r.project, r.run_id AS run, s.event_id, s.actor, s.logs ->> 'reason' AS reason, iso(s.created_at) AS at
FROM unnest(@run_projects::text[], @run_ids::text[], @asks::boolean[]) AS r (project, run_id, asks)
CROSS JOIN LATERAL pending_stop(r.project, r.run_id) AS s
WHERE r.asks
