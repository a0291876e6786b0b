-- Series of @project below the horizon @before, asked for as {run, metric, split, level} each (JSON
-- in @wanted), each writer's apart where @writers is true. @x is the axis: epoch, step or time (ms
-- since 1970). Each is thinned to @points as downsample.ts does it: the first and the last, and of
-- every bucket of about equally many points the lowest, the highest and the first that is not finite.
WITH points AS (
  SELECT
    m.run, m.metric, m.split, m.level, IFF(@writers = 'true', m.writer, '') AS writer,
    m.seq, m.pos, m.value, m.value_kind = 'finite' AS is_finite,
    CASE @x
      WHEN 'epoch' THEN CAST(m.epoch AS DOUBLE)
      WHEN 'step' THEN CAST(m.step AS DOUBLE)
      ELSE DATE_PART(EPOCH_MICROSECOND, m.ts) / 1e6 * 1e3
    END AS x
  FROM (
    SELECT
      CAST(f.value:run AS VARCHAR) AS run, CAST(f.value:metric AS VARCHAR) AS metric,
      CAST(f.value:split AS VARCHAR) AS split, CAST(f.value:level AS VARCHAR) AS level
    FROM TABLE(FLATTEN(INPUT => PARSE_JSON(@wanted))) f
  ) a
  JOIN metrics m ON m.run = a.run AND m.metric = a.metric AND m.split = a.split AND m.level = a.level
  WHERE m.project = @project AND m.pos < CAST(@before AS NUMBER(19, 0))
),
stepped AS (
  -- Where x steps back, a run was resumed.
  SELECT
    p.*,
    IFF(p.x < LAG(p.x) OVER (PARTITION BY p.run, p.metric, p.split, p.level, p.writer ORDER BY p.seq, p.pos), p.x, NULL) AS anew
  FROM points p
  WHERE p.x IS NOT NULL
),
kept AS (
  -- What it has overwritten then is left out.
  SELECT p.* FROM stepped p
  QUALIFY @x = 'time' OR COALESCE(p.x < MIN(p.anew) OVER (
    PARTITION BY p.run, p.metric, p.split, p.level, p.writer
    ORDER BY p.seq, p.pos ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
  ), TRUE)
),
numbered AS (
  SELECT
    p.*,
    ROW_NUMBER() OVER (PARTITION BY p.run, p.metric, p.split, p.level, p.writer ORDER BY p.seq, p.pos) - 1 AS n,
    COUNT(*) OVER (PARTITION BY p.run, p.metric, p.split, p.level, p.writer) AS total,
    -- Without non-finite values a bucket gives two points, so there may be more buckets.
    GREATEST(1, FLOOR(
      (CAST(@points AS NUMBER(19, 0)) - 2)
      / IFF(BOOLAND_AGG(p.is_finite) OVER (PARTITION BY p.run, p.metric, p.split, p.level, p.writer), 2, 3)
    )) AS buckets
  FROM kept p
),
grouped AS (
  -- Wide buckets hold whole groups of 20.
  SELECT g.*, IFF(CEIL(g.total / 20) >= g.buckets, 20, 1) AS grain, CEIL(g.total / IFF(CEIL(g.total / 20) >= g.buckets, 20, 1)) AS groups
  FROM numbered g
),
scaled AS (
  SELECT g.*, (FLOOR(g.n / g.grain) + 1) * g.buckets - 1 AS product
  FROM grouped g
),
bucketed AS (
  -- product / groups, rounded down; a quotient has six decimals only.
  SELECT b.*, (b.product - MOD(b.product, b.groups)) / b.groups AS bucket
  FROM scaled b
)
SELECT
  k.run AS "run", k.metric AS "metric", k.split AS "split", k.level AS "level", k.writer AS "writer", k.total AS "total",
  k.x AS "x", k.value AS "y"
FROM bucketed k
QUALIFY k.total <= CAST(@points AS NUMBER(19, 0))
  OR k.n = 0
  OR k.n = k.total - 1
  OR (k.is_finite AND ROW_NUMBER() OVER (
    PARTITION BY k.run, k.metric, k.split, k.level, k.writer, k.bucket ORDER BY IFF(k.is_finite, 0, 1), k.value, k.n
  ) = 1)
  OR (k.is_finite AND ROW_NUMBER() OVER (
    PARTITION BY k.run, k.metric, k.split, k.level, k.writer, k.bucket ORDER BY IFF(k.is_finite, 0, 1), k.value DESC, k.n
  ) = 1)
  OR (NOT k.is_finite AND ROW_NUMBER() OVER (
    PARTITION BY k.run, k.metric, k.split, k.level, k.writer, k.bucket ORDER BY IFF(k.is_finite, 1, 0), k.n
  ) = 1)
ORDER BY k.run, k.metric, k.split, k.level, k.writer, k.n
