-- The next 5,000 events of run $2 of project $1.
DELETE FROM events WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM events WHERE project = $1 AND run_id = $2 AND kind <> 'purge' LIMIT 5000
))
