-- The points of @keys in events of @kinds that are in no chunk yet: of @runs of @project, from the
-- @marks up to the @end, in the log's order, those of each writer for itself where @writers is true.
-- @x is the axis: epoch, step or time.
SELECT
  p.run_id AS run, p.kind, p.key, p.writer,
  encode(string_agg(float8send(p.x), '' ORDER BY p.pos), 'base64') AS x,
  encode(string_agg(float8send(p.y), '' ORDER BY p.pos), 'base64') AS y,
  encode(string_agg(int8send(p.seq), '' ORDER BY p.pos), 'base64') AS seqs
FROM (
  SELECT
    e.run_id, e.kind, wanted.key, e.pos, e.seq, CASE WHEN @writers THEN e.writer END AS writer,
    coalesce(CASE @x
      WHEN 'epoch' THEN e.epoch::double precision
      WHEN 'step' THEN e.step::double precision
      ELSE date_part('epoch', e.created_at) * 1000
    END, 'NaN') AS x,
    metric_value(e.logs -> wanted.key) AS y
  FROM unnest(@runs::text[], @marks::bigint[]) AS r (run_id, mark)
  CROSS JOIN LATERAL (
    SELECT * FROM events
    -- Said twice, so that the tail is looked up in the index of runs, however long the log is (views.sql,
    -- summary_by_event).
    WHERE project = @project AND run_id = r.run_id
      AND (run_id, pos) >= (r.run_id, r.mark) AND (run_id, pos) < (r.run_id, @end) AND pos >= r.mark AND pos < @end
      AND kind = ANY (@kinds::text[])
    OFFSET 0
  ) AS e
  JOIN unnest(@keys::text[]) AS wanted (key) ON e.logs ? wanted.key
  -- Keeps y from being worked out once for each use of it.
  OFFSET 0
) AS p
WHERE p.y IS NOT NULL
GROUP BY p.run_id, p.kind, p.key, p.writer
