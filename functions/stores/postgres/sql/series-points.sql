-- All points of the windows with run @runs, @kinds and @keys, below the @marks, of @project. @x is
-- the axis: epoch, step or time. Who wrote each is told where @writers is true.
SELECT
  run, kind, key, points, encode(y, 'base64') AS y, encode(offsets, 'base64') AS offsets,
  x_first, x_stride, encode(x, 'base64') AS x, encode(seqs, 'base64') AS seqs,
  writer, writers
FROM metric_points(@project, @x, @runs, @marks, @kinds, @keys, @needs_seqs, @writers)
ORDER BY from_pos
