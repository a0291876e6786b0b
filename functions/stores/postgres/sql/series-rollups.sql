-- What is known of the chunks of keys $5 in events of kinds $4, of runs $2 of project $1 below the marks $3, without
-- their points. x is $6: epoch, step or time; its column comes along where roll-ups can be used and it is not even.
SELECT
  c.run_id AS run, c.kind, c.key, c.points, a.events, a.in_order, a.seq_lo, a.seq_hi,
  metric_value(c.first) AS first, metric_value(c.last) AS last,
  encode(c.rollups, 'base64') AS rollups,
  CASE $6 WHEN 'epoch' THEN a.epoch_first WHEN 'step' THEN a.step_first END AS x_first,
  CASE $6 WHEN 'epoch' THEN a.epoch_stride WHEN 'step' THEN a.step_stride END AS x_stride,
  CASE WHEN c.rollups IS NOT NULL THEN
    encode(CASE $6 WHEN 'epoch' THEN a.epochs WHEN 'step' THEN a.steps ELSE a.times END, 'base64')
  END AS x
FROM unnest($2::text[], $3::bigint[]) AS r (run_id, mark)
CROSS JOIN unnest($5::text[]) AS wanted (key)
JOIN chunks c ON c.project = $1 AND c.run_id = r.run_id AND c.kind = ANY ($4::text[])
  AND left(c.key, 60) = left(wanted.key, 60) AND c.key = wanted.key AND c.from_pos < r.mark
JOIN chunk_axes a ON a.project = $1 AND a.run_id = c.run_id AND a.kind = c.kind AND a.from_pos = c.from_pos
ORDER BY c.run_id, c.kind, c.key, c.from_pos
