-- Follows insert.sql where each event is looked at: those of purged runs are left out, but for
-- what says that they are.
WHERE i.kind = 'purge'
  OR NOT EXISTS (SELECT FROM purged_runs p WHERE p.project = i.project AND p.run_id = i.run_id)
