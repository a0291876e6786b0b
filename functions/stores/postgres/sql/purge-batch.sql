-- The next 5,000 events of @run of @project.
DELETE FROM events WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM events WHERE project = @project AND run_id = @run AND kind <> 'purge' LIMIT 5000
))
