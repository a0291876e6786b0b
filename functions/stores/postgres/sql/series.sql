-- One run ($1, $2), one metric in the three forms its key may have in the logs ($4 plain, $5 for validation, $6 for
-- test), in events of kinds $3 below the horizon $8. x is $7: epoch, step or time (ms since 1970). Each form comes as
-- arrays of x, y and seq in their binary form as base64, several times cheaper to read than text; the caller orders
-- them by seq, equal ones as they come, and thins them. OFFSET 0 keeps the value from being worked out once for each
-- place it is used in.
SELECT
  e.kind,
  encode(array_send(array_agg(e.x) FILTER (WHERE e.plain IS NOT NULL)), 'base64') AS plain_x,
  encode(array_send(array_agg(e.plain) FILTER (WHERE e.plain IS NOT NULL)), 'base64') AS plain_y,
  encode(array_send(array_agg(e.seq) FILTER (WHERE e.plain IS NOT NULL)), 'base64') AS plain_seq,
  encode(array_send(array_agg(e.x) FILTER (WHERE e.validation IS NOT NULL)), 'base64') AS validation_x,
  encode(array_send(array_agg(e.validation) FILTER (WHERE e.validation IS NOT NULL)), 'base64') AS validation_y,
  encode(array_send(array_agg(e.seq) FILTER (WHERE e.validation IS NOT NULL)), 'base64') AS validation_seq,
  encode(array_send(array_agg(e.x) FILTER (WHERE e.test IS NOT NULL)), 'base64') AS test_x,
  encode(array_send(array_agg(e.test) FILTER (WHERE e.test IS NOT NULL)), 'base64') AS test_y,
  encode(array_send(array_agg(e.seq) FILTER (WHERE e.test IS NOT NULL)), 'base64') AS test_seq
FROM (
  SELECT
    kind, seq,
    CASE $7
      WHEN 'epoch' THEN epoch::double precision
      WHEN 'step' THEN step::double precision
      ELSE date_part('epoch', created_at) * 1000
    END AS x,
    metric_value(logs -> $4) AS plain,
    metric_value(logs -> $5) AS validation,
    metric_value(logs -> $6) AS test
  FROM events
  WHERE project = $1 AND run_id = $2 AND kind = ANY ($3::text[]) AND pos < $8
  ORDER BY kind, pos
  OFFSET 0
) AS e
GROUP BY e.kind
