-- The points of keys $5 in events of kinds $4 that are in no chunk yet: of runs $2 of project $1, from the marks $3 up
-- to the horizon $6, in the log's order. x is $7: epoch, step or time.
SELECT
  p.run_id AS run, p.kind, p.key,
  encode(string_agg(float8send(p.x), '' ORDER BY p.pos), 'base64') AS x,
  encode(string_agg(float8send(p.y), '' ORDER BY p.pos), 'base64') AS y,
  encode(string_agg(int8send(p.seq), '' ORDER BY p.pos), 'base64') AS seqs
FROM (
  SELECT
    e.run_id, e.kind, wanted.key, e.pos, e.seq,
    coalesce(CASE $7
      WHEN 'epoch' THEN e.epoch::double precision
      WHEN 'step' THEN e.step::double precision
      ELSE date_part('epoch', e.created_at) * 1000
    END, 'NaN') AS x,
    metric_value(e.logs -> wanted.key) AS y
  FROM unnest($2::text[], $3::bigint[]) AS r (run_id, mark)
  CROSS JOIN LATERAL (
    SELECT * FROM events
    -- The comparisons of rows say run_id = r.run_id too, and have the tail looked up in the index of runs: with plain
    -- ones the planner would often rather read all of the log after the mark.
    WHERE project = $1 AND (run_id, pos) >= (r.run_id, r.mark) AND (run_id, pos) < (r.run_id, $6)
      AND kind = ANY ($4::text[])
    OFFSET 0
  ) AS e
  JOIN unnest($5::text[]) AS wanted (key) ON e.logs ? wanted.key
  -- Keeps y from being worked out once for each use of it.
  OFFSET 0
) AS p
WHERE p.y IS NOT NULL
GROUP BY p.run_id, p.kind, p.key
