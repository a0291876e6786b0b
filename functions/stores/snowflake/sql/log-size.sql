-- How many events log.sql would give. @after to @run as there.
SELECT COUNT(*) AS "events"
FROM event_log e
WHERE e.pos >= CAST(@after AS NUMBER(19, 0)) AND e.pos < CAST(@before AS NUMBER(19, 0))
  AND (CAST(@project AS VARCHAR) IS NULL OR e.project = @project) AND (CAST(@run AS VARCHAR) IS NULL OR e.run_id = @run)
