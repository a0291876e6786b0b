-- Every project that has events.
SELECT DISTINCT project FROM integraviz_events.events WHERE received_at >= TIMESTAMP_MICROS(@since) ORDER BY project
