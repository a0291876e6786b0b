-- Events of @project after @after and below the horizon, of the @runs or of all where that is null,
-- at most @limit, and no more once their logs come to @bytes. found: how many there were before
-- the bytes counted. Text is made of no more logs than may fit: making it of 2 MB takes 20 ms. Those
-- that are stored compressed are taken for 100 times their size.
SELECT pos, run, event_id, kind, writer, seq, actor, epoch, step, batch, at, logs, found
FROM (
  SELECT page.*, sum(octet_length(logs)) OVER (ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM (
    SELECT
      e.pos, e.run_id AS run, e.event_id, e.kind, e.writer, e.seq, e.actor, e.epoch, e.step, e.batch,
      (date_part('epoch', e.created_at) * 1000)::double precision AS at, e.logs::text AS logs, e.found::integer AS found
    FROM (
      SELECT
        e.*, count(*) OVER () AS found,
        sum(pg_column_size(e.logs) * CASE WHEN pg_column_compression(e.logs) IS NULL THEN 1 ELSE 100 END)
          OVER (ORDER BY e.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (
        SELECT e.* FROM events e
        WHERE e.project = @project AND e.pos >= @after AND e.pos < @end AND (@runs::text[] IS NULL OR e.run_id = ANY (@runs))
        ORDER BY e.pos
        LIMIT @limit
      ) AS e
    ) AS e
    WHERE coalesce(e.before, 0) < @bytes::bigint
    OFFSET 0
  ) AS page
) AS summed
WHERE coalesce(before, 0) < @bytes::bigint
ORDER BY pos
