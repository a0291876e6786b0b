-- Follows insert.sql where each event is looked at: those of purged runs are left out.
WHERE NOT EXISTS (SELECT FROM purged_runs p WHERE p.project = i.project AND p.run_id = i.run_id)
