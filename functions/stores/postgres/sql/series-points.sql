-- All points of the chunks with run @runs, @kinds and @keys, below the @marks, of @project. @x is
-- the axis: epoch, step or time.
SELECT
  c.run_id AS run, c.kind, c.key, c.points,
  encode(c.y, 'base64') AS y,
  encode(c.places, 'base64') AS offsets,
  CASE @x WHEN 'epoch' THEN a.epoch_first WHEN 'step' THEN a.step_first END AS x_first,
  CASE @x WHEN 'epoch' THEN a.epoch_stride WHEN 'step' THEN a.step_stride END AS x_stride,
  encode(CASE @x WHEN 'epoch' THEN a.epochs WHEN 'step' THEN a.steps ELSE a.times END, 'base64') AS x,
  CASE WHEN wanted.needs_seqs THEN encode(a.seqs, 'base64') END AS seqs
FROM unnest(@runs::text[], @marks::bigint[], @kinds::text[], @keys::text[], @needs_seqs::boolean[])
  AS wanted (run_id, mark, kind, key, needs_seqs)
JOIN chunks c ON c.project = @project AND c.run_id = wanted.run_id AND c.kind = wanted.kind
  AND left(c.key, 60) = left(wanted.key, 60) AND c.key = wanted.key AND c.from_pos < wanted.mark
JOIN chunk_axes a ON a.project = @project AND a.run_id = c.run_id AND a.kind = c.kind AND a.from_pos = c.from_pos
ORDER BY c.run_id, c.kind, c.key, c.from_pos
