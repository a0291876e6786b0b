-- How many events log.sql would give. @after..@run: as there.
SELECT count(*)::integer AS events
FROM events
WHERE pos >= @after::bigint AND pos < @before::bigint
  AND (@project::text IS NULL OR project = @project) AND (@run::text IS NULL OR run_id = @run)
