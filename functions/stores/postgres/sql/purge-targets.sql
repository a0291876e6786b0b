-- Runs of @project (of id @run alone, unless null) with anything left to erase, whose last event
-- came more than @days days ago (null: whenever).
SELECT run_id AS run, count(*)::integer AS events, iso(max(received_at)) AS last_event_at
FROM events
WHERE project = @project AND (@run::text IS NULL OR run_id = @run) AND kind <> 'purge'
GROUP BY run_id
HAVING @days::integer IS NULL OR max(received_at) < now() - make_interval(days => @days)
ORDER BY max(received_at)
