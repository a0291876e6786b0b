-- What insert.sql is followed by: what waits for an answer, of the runs with project @run_projects
-- and id @run_ids for which @asks is true.
SELECT r.project, r.run_id AS run, a.kind, a.event_id, a.actor, iso(a.created_at) AS at, a.logs
FROM unnest(@run_projects::text[], @run_ids::text[], @asks::boolean[]) AS r (project, run_id, asks)
CROSS JOIN LATERAL pending_requests(r.project, r.run_id) AS a
WHERE r.asks
