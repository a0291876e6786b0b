-- What is known of the windows of @keys in events of @kinds, of @runs of @project below the @marks,
-- without their points. @x is the axis: epoch, step or time.
SELECT
  run, kind, key, encode(headers, 'base64') AS headers, encode(rollups, 'base64') AS rollups, encode(x, 'base64') AS x,
  writer, several
FROM metric_buckets(@project, @x, @runs, @marks, @kinds, @keys)
