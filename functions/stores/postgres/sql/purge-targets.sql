-- Runs of project $1 (of id $2 alone, unless null) with anything left to erase, whose last event came more than $3 days
-- ago (null: whenever).
SELECT run_id AS run, count(*)::integer AS events, iso(max(received_at)) AS last_event_at
FROM events
WHERE project = $1 AND ($2::text IS NULL OR run_id = $2) AND kind <> 'purge'
GROUP BY run_id
HAVING $3::integer IS NULL OR max(received_at) < now() - make_interval(days => $3)
ORDER BY max(received_at)
