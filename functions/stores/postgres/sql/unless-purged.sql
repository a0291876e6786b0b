-- Follows insert.sql where all of the events are new: looked up once a statement, for the runs with
-- project @run_projects and id @run_ids, an error (IV001) where one of them was purged. OFFSET 0
-- keeps it a look into the index for each of them, however many tombstones there are.
WHERE (
  SELECT CASE WHEN EXISTS (
    SELECT FROM unnest(@run_projects::text[], @run_ids::text[]) AS r (project, run_id)
    CROSS JOIN LATERAL (
      SELECT FROM purged_runs p WHERE p.project = r.project AND p.run_id = r.run_id OFFSET 0
    ) AS purged
  ) THEN refuse_purged() ELSE true END
)
