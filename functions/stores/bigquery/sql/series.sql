-- Series of runs @runs of project @project, of the metrics whose kinds and keys in the log are @wanted, before @before, thinned to
-- @points points: the first and the last, the lowest and the highest of every bucket of about equally many points, and
-- the first non-finite value of each bucket (functions/stores/downsample.ts says the same, and why wide buckets hold
-- whole groups of 20). x is @x: epoch, step or time (ms since 1970). Each writer's apart where @writers is true.
WITH points AS (
  SELECT
    e.run_id AS run, w.metric, w.split, w.level, IF(@writers, e.writer, '') AS writer,
    e.seq, e.received_at, w.ordinal, entry.value AS y,
    CASE @x
      WHEN 'epoch' THEN CAST(e.epoch AS FLOAT64)
      WHEN 'step' THEN CAST(e.step AS FLOAT64)
      ELSE UNIX_MICROS(e.created_at) / 1000000 * 1000
    END AS x
  FROM (
    SELECT * FROM integraviz_events.events
    WHERE received_at >= TIMESTAMP '1970-01-01 00:00:00+00' AND received_at < TIMESTAMP_MICROS(@before)
      AND project = @project AND run_id IN UNNEST(@runs) AND kind IN UNNEST(@kinds)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY received_at) = 1
  ) AS e
  CROSS JOIN UNNEST(e.entries) AS entry
  JOIN UNNEST(@wanted) AS w ON w.kind = e.kind AND w.key = entry.key
),
stepped AS (
  -- Where x steps back, a run was resumed.
  SELECT *, IF(x < LAG(x) OVER (PARTITION BY run, metric, split, level, writer ORDER BY seq, received_at, ordinal), x, NULL) AS anew
  FROM points
  WHERE x IS NOT NULL
),
kept AS (
  -- What it has overwritten then is left out.
  SELECT * FROM stepped
  WHERE TRUE
  QUALIFY @x = 'time' OR COALESCE(x < MIN(anew) OVER (
    PARTITION BY run, metric, split, level, writer
    ORDER BY seq, received_at, ordinal ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
  ), TRUE)
),
ordered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY run, metric, split, level, writer ORDER BY seq, received_at, ordinal) - 1 AS i,
    COUNT(*) OVER (PARTITION BY run, metric, split, level, writer) AS total,
    LOGICAL_OR(IS_NAN(y) OR IS_INF(y)) OVER (PARTITION BY run, metric, split, level, writer) AS odd
  FROM kept
),
divided AS (
  SELECT *, GREATEST(1, IF(odd, DIV(@points - 2, 3), DIV(@points - 2, 2))) AS buckets
  FROM ordered
),
grouped AS (
  SELECT *, IF(DIV(total + 19, 20) >= buckets, 20, 1) AS grain
  FROM divided
),
bucketed AS (
  SELECT
    *,
    CASE
      WHEN total <= @points THEN i
      ELSE DIV((DIV(i, grain) + 1) * buckets - 1, DIV(total + grain - 1, grain))
    END AS bucket,
    IS_NAN(y) OR IS_INF(y) AS is_odd
  FROM grouped
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY run, metric, split, level, writer, bucket, is_odd ORDER BY y, i) AS low,
    ROW_NUMBER() OVER (PARTITION BY run, metric, split, level, writer, bucket, is_odd ORDER BY y DESC, i) AS high,
    ROW_NUMBER() OVER (PARTITION BY run, metric, split, level, writer, bucket, is_odd ORDER BY i) AS early
  FROM bucketed
)
SELECT
  run, metric, split, level, writer, total, MIN(ordinal) AS ordinal,
  ARRAY_AGG(x ORDER BY i) AS x,
  ARRAY_AGG(y ORDER BY i) AS y
FROM ranked
WHERE i = 0 OR i = total - 1 OR IF(is_odd, early = 1, low = 1 OR high = 1)
GROUP BY run, metric, split, level, writer, total
ORDER BY ordinal, writer
