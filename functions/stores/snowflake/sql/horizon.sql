-- The position below which nothing new can appear: an append that began at most @append_lasts ago
-- and is not done may yet store something there; an older one was ended by its time-out. @skew is
-- how far clocks may differ.
SELECT LEAST(MAX(n.pos), COALESCE(MIN(u.pos), MAX(n.pos))) - CAST(@skew AS NUMBER(19, 0)) AS "horizon"
FROM (SELECT (DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) - 1577836800000) * 4194304 AS pos) n
LEFT JOIN (
  SELECT append_id, MIN(pos) AS pos FROM appends
  WHERE pos
    > (DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) - 1577836800000) * 4194304 - CAST(@append_lasts AS NUMBER(19, 0))
  GROUP BY append_id HAVING NOT BOOLOR_AGG(done)
) u ON TRUE
