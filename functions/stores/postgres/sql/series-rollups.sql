-- What is known of the chunks of @keys in events of @kinds, of @runs of @project below the @marks,
-- without their points: a row a key of a run's events. headers: a record a chunk (series-rows.ts);
-- rollups and x: their columns, one chunk's after the other's. @x is the axis: epoch, step or time;
-- it comes along where roll-ups can be used and it is not even. OFFSET 0 keeps these look-ups into
-- the indexes, whatever the planner knows of tables that have just grown.
SELECT
  r.run_id AS run, of_kind.kind, wanted.key,
  encode(of.headers, 'base64') AS headers, encode(of.rollups, 'base64') AS rollups, encode(of.x, 'base64') AS x
FROM unnest(@runs::text[], @marks::bigint[]) AS r (run_id, mark)
CROSS JOIN unnest(@kinds::text[]) AS of_kind (kind)
CROSS JOIN unnest(@keys::text[]) AS wanted (key)
CROSS JOIN LATERAL (
  SELECT
    string_agg(
      int4send(c.points) || int4send(coalesce(octet_length(c.rollups), 0)) || int4send(coalesce(octet_length(a.x), 0))
      || int4send(a.in_order::integer) || int8send(a.seq_lo) || int8send(a.seq_hi)
      || float8send(metric_value(c.first)) || float8send(metric_value(c.last))
      || float8send(coalesce(a.x_first, 'NaN')) || float8send(coalesce(a.x_stride, 'NaN')),
      ''
    ) AS headers,
    string_agg(c.rollups, '') AS rollups,
    string_agg(a.x, '') AS x
  FROM (
    SELECT from_pos, points, first, last, rollups FROM chunks
    WHERE project = @project AND run_id = r.run_id AND kind = of_kind.kind AND left(key, 60) = left(wanted.key, 60)
      AND key = wanted.key AND from_pos < r.mark
    ORDER BY from_pos
    OFFSET 0
  ) AS c
  CROSS JOIN LATERAL (
    SELECT
      in_order, seq_lo, seq_hi,
      CASE @x WHEN 'epoch' THEN epoch_first WHEN 'step' THEN step_first END AS x_first,
      CASE @x WHEN 'epoch' THEN epoch_stride WHEN 'step' THEN step_stride END AS x_stride,
      CASE WHEN c.rollups IS NOT NULL THEN
        CASE @x WHEN 'epoch' THEN epochs WHEN 'step' THEN steps ELSE times END
      END AS x
    FROM chunk_axes
    WHERE project = @project AND run_id = r.run_id AND kind = of_kind.kind AND from_pos = c.from_pos
    OFFSET 0
  ) AS a
) AS of
WHERE of.headers IS NOT NULL
