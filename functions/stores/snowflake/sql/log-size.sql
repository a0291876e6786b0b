-- How many events log.sql would give. :1 to :4 as there.
SELECT COUNT(*) AS "events"
FROM event_log e
WHERE e.pos >= CAST(:1 AS NUMBER(19, 0)) AND e.pos < CAST(:2 AS NUMBER(19, 0))
  AND (CAST(:3 AS VARCHAR) IS NULL OR e.project = :3) AND (CAST(:4 AS VARCHAR) IS NULL OR e.run_id = :4)
