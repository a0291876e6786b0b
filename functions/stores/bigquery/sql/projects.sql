-- Every project that has events.
SELECT DISTINCT project FROM integraviz_events.events WHERE received_at >= TIMESTAMP '1970-01-01 00:00:00+00' ORDER BY project
