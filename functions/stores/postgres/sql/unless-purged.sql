-- Follows insert.sql where all of the events are new: looked up once a statement, for the runs with project $15 and id
-- $16, an error (IV001) where one of them was purged.
WHERE (
  SELECT CASE WHEN EXISTS (
    SELECT FROM unnest($15::text[], $16::text[]) AS r (project, run_id) JOIN purged_runs p USING (project, run_id)
  ) THEN refuse_purged() ELSE true END
)
