-- How many events log.sql would give. $1..$4: as there.
SELECT count(*)::integer AS events
FROM events
WHERE pos >= $1::bigint AND pos < $2::bigint AND ($3::text IS NULL OR project = $3) AND ($4::text IS NULL OR run_id = $4)
