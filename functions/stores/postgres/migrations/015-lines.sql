-- What is known of a key of a run's events altogether, so that it takes the same to draw its line and to say its first,
-- last, lowest and highest value however long the run is. Derived, as chunks are, from which it is made as they are added.
CREATE TABLE chunk_lines (
  -- Of its first window.
  from_pos  bigint  NOT NULL,
  first_seq bigint  NOT NULL,
  last_seq  bigint  NOT NULL,
  points    bigint  NOT NULL,
  low       double precision,
  high      double precision,
  project   text COLLATE "C" NOT NULL,
  run_id    text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  key       text COLLATE "C" NOT NULL,
  -- As they stand in the logs.
  first     jsonb   NOT NULL,
  last      jsonb   NOT NULL,
  -- The points of its line, column by column, in the log's order: all of them up to 500, else of each bucket the lowest,
  -- the highest and the first that is not finite, and the first and the last of all. Counted from 0.
  ns        bigint[] NOT NULL,
  ys        double precision[] NOT NULL,
  epochs    bigint[] NOT NULL,
  steps     bigint[] NOT NULL,
  times     timestamptz[] NOT NULL,
  -- As the view metrics says them of the key. Worked out for each point they would cost more than all the rest.
  metric    text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN key ~ '^(train|val|validation|eval|test)[_/].' THEN substr(key, length(substring(key FROM '^[a-z]+')) + 2) ELSE key END
  ) STORED,
  split     text NOT NULL GENERATED ALWAYS AS (
    CASE
      WHEN key ~ '^(val|validation|eval)[_/].' THEN 'validation'
      WHEN key ~ '^test[_/].' THEN 'test'
      WHEN key ~ '^train[_/].' OR kind <> 'on_test_batch_end' THEN 'train'
      ELSE 'validation'
    END
  ) STORED
);
CREATE INDEX chunk_lines_by_key ON chunk_lines (project, run_id, kind, left(key, 60));
ALTER TABLE chunk_lines ALTER ns SET STORAGE EXTERNAL, ALTER ys SET STORAGE EXTERNAL;
ALTER TABLE chunk_lines ALTER epochs SET STORAGE EXTERNAL, ALTER steps SET STORAGE EXTERNAL;
ALTER TABLE chunk_lines ALTER times SET STORAGE EXTERNAL;

-- How many points a bucket has where there are so many: buckets of a longer line are made of whole ones of a shorter.
CREATE FUNCTION line_grain(points bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN points <= 500 THEN 1 WHEN points <= 1250 THEN 5 WHEN points <= 2500 THEN 10 WHEN points <= 5000 THEN 20
  ELSE 20 * power(2, ceil(ln(points / 5000.0::double precision) / ln(2::double precision)))::bigint
END;

-- Numbers of a column of bytes. The functions are written so that the planner puts them into the statement.
CREATE FUNCTION int2_at(bytes bytea, at integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || encode(substring(bytes FROM at + 1 FOR 2), 'hex'))::bit(16)::integer;
CREATE FUNCTION int8_at(bytes bytea, at integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || encode(substring(bytes FROM at + 1 FOR 8), 'hex'))::bit(64)::bigint;
-- The double of these bits, which are to be a column: an expression would be worked out for each use of it.
CREATE FUNCTION double_of(bits bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN bits & 9223372036854775807 = 0 THEN CASE WHEN bits < 0 THEN '-0'::double precision ELSE 0 END
  WHEN (bits >> 52) & 2047 = 2047 THEN CASE
    WHEN bits & 4503599627370495 <> 0 THEN 'NaN'::double precision WHEN bits < 0 THEN '-Infinity' ELSE 'Infinity'
  END
  ELSE (bits >> 63 | 1)::double precision
    * (((bits & 4503599627370495) | CASE (bits >> 52) & 2047 WHEN 0 THEN 0 ELSE 4503599627370496 END)::double precision
      * 2.220446049250313e-16::double precision)
    * power(2::double precision, greatest((bits >> 52) & 2047, 1) - 1023)
END;
-- A coordinate as it was logged; beyond 2^53 the nearest that a double has.
CREATE FUNCTION coordinate_of(x double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN x BETWEEN -9223372036854775808 AND 9223372036854774784 THEN x::bigint
  WHEN x > 0 AND x <> 'NaN' THEN 9223372036854775807
END;

-- Goes on with the lines of chunks that are being added, those of one window.
CREATE FUNCTION extend_lines() RETURNS trigger LANGUAGE plpgsql SET search_path = integraviz, pg_temp AS $$
BEGIN
  WITH known AS (
    SELECT
      row_number() OVER () AS id, c.project, c.run_id, c.kind, c.key, c.from_pos, c.points AS own,
      c.first, c.first_seq, c.last, c.last_seq, c.low, c.high, c.rollups, c.y, c.places,
      l.row, coalesce(l.points, 0) AS before, coalesce(l.points, 0) + c.points AS points,
      line_grain(coalesce(l.points, 0) + c.points) AS grain,
      l.ns, l.ys, l.epochs, l.steps, l.times
    FROM added c
    LEFT JOIN LATERAL (
      SELECT k.ctid AS row, k.* FROM chunk_lines k
      WHERE k.project = c.project AND k.run_id = c.run_id AND k.kind = c.kind
        AND left(k.key, 60) = left(c.key, 60) AND k.key = c.key
      OFFSET 0
    ) AS l ON true
  ),
  -- With its bytes at hand: a byte of a value that is kept apart is looked up there, each for itself.
  given AS MATERIALIZED (
    SELECT
      k.id, k.project, k.run_id, k.kind, k.key, k.from_pos, k.own, k.first, k.first_seq, k.last, k.last_seq, k.low, k.high,
      k.row, k.before, k.points, k.grain, k.ns, k.ys, k.epochs, k.steps, k.times,
      CASE WHEN k.grain >= 20 THEN k.rollups || ''::bytea END AS rollups, k.y || ''::bytea AS y,
      k.places || ''::bytea AS places,
      -- So many points stay as they are: buckets that are full, and are no part of wider ones now.
      CASE WHEN k.grain = line_grain(k.before) THEN
        (SELECT count(*) FROM unnest(k.ns) AS n WHERE n < (k.before - 1) / k.grain * k.grain)
      ELSE 0 END::integer AS settled,
      a.epoch_first, a.epoch_stride, a.step_first, a.step_stride,
      a.epochs || ''::bytea AS axis_epochs, a.steps || ''::bytea AS axis_steps, a.times || ''::bytea AS axis_times
    FROM known k
    CROSS JOIN LATERAL (
      SELECT * FROM chunk_axes x
      WHERE x.project = k.project AND x.run_id = k.run_id AND x.kind = k.kind AND x.from_pos = k.from_pos
      OFFSET 0
    ) AS a
  ),
  candidates AS (
    SELECT
      c.id, c.grain, c.points, o.n, o.y, true AS is_old, o.epoch, o.step, o.at,
      NULL::double precision AS even_epoch, NULL::double precision AS even_step,
      NULL::bigint AS epoch_bits, NULL::bigint AS step_bits, NULL::bigint AS time_bits
    FROM given c
    CROSS JOIN LATERAL unnest(
      c.ns[c.settled + 1:], c.ys[c.settled + 1:], c.epochs[c.settled + 1:], c.steps[c.settled + 1:], c.times[c.settled + 1:]
    ) AS o (n, y, epoch, step, at)
    UNION ALL
    SELECT
      c.id, c.grain, c.points, c.before + c.place, double_of(c.bits), false, NULL, NULL, NULL,
      c.even_epoch, c.even_step, c.epoch_bits, c.step_bits, c.time_bits
    FROM (
      SELECT
        c.id, c.grain, c.points, c.before, p.place, p.bits,
        c.epoch_first + c.epoch_stride * o.event AS even_epoch, int8_at(c.axis_epochs, 8 * o.event) AS epoch_bits,
        c.step_first + c.step_stride * o.event AS even_step, int8_at(c.axis_steps, 8 * o.event) AS step_bits,
        int8_at(c.axis_times, 8 * o.event) AS time_bits
      FROM given c
      CROSS JOIN LATERAL (SELECT octet_length(c.rollups) / 20 AS groups) AS of
      CROSS JOIN LATERAL (
        SELECT int2_at(c.rollups, of.groups * 16 + 2 * i) AS place, int8_at(c.rollups, 8 * i) AS bits
        FROM generate_series(0, of.groups - 1) AS i
        UNION
        SELECT int2_at(c.rollups, of.groups * 18 + 2 * i), int8_at(c.rollups, (of.groups + i) * 8)
        FROM generate_series(0, of.groups - 1) AS i
        UNION
        SELECT e.place, int8_at(c.y, 8 * e.place)
        FROM (VALUES (0), (c.own - 1)) AS e (place) WHERE c.rollups IS NOT NULL
        UNION ALL
        SELECT i, int8_at(c.y, 8 * i) FROM generate_series(0, CASE WHEN c.rollups IS NULL THEN c.own ELSE 0 END - 1) AS i
      ) AS p
      CROSS JOIN LATERAL (SELECT coalesce(int2_at(c.places, 2 * p.place), p.place) AS event) AS o
      OFFSET 0
    ) AS c
  ),
  placed AS (
    SELECT
      id, n, y,
      CASE WHEN is_old THEN epoch ELSE coordinate_of(coalesce(even_epoch, double_of(epoch_bits))) END AS epoch,
      CASE WHEN is_old THEN step ELSE coordinate_of(coalesce(even_step, double_of(step_bits))) END AS step,
      CASE WHEN is_old THEN at ELSE to_timestamp(double_of(time_bits) / 1000) END AS at
    FROM (
      SELECT
        o.*,
        row_number() OVER (PARTITION BY o.id, o.n / o.grain, o.is_odd ORDER BY CASE WHEN NOT o.is_odd THEN o.y END, o.n) AS low,
        row_number() OVER (PARTITION BY o.id, o.n / o.grain, o.is_odd ORDER BY CASE WHEN NOT o.is_odd THEN -o.y END, o.n) AS high
      FROM (SELECT c.*, c.y IN ('NaN', 'Infinity', '-Infinity') AS is_odd FROM candidates c OFFSET 0) AS o
    ) AS r
    WHERE r.low = 1 OR r.high = 1 OR r.n = 0 OR r.n = r.points - 1
  ),
  lines AS MATERIALIZED (
    SELECT
      c.*,
      c.ns[:c.settled] || l.ns AS all_ns, c.ys[:c.settled] || l.ys AS all_ys, c.epochs[:c.settled] || l.epochs AS all_epochs,
      c.steps[:c.settled] || l.steps AS all_steps, c.times[:c.settled] || l.times AS all_times
    FROM given c
    JOIN (
      SELECT
        id, array_agg(n ORDER BY n) AS ns, array_agg(y ORDER BY n) AS ys, array_agg(epoch ORDER BY n) AS epochs,
        array_agg(step ORDER BY n) AS steps, array_agg(at ORDER BY n) AS times
      FROM placed GROUP BY id
    ) AS l USING (id)
  ),
  longer AS (
    UPDATE chunk_lines l SET
      points = n.points, low = least(l.low, n.low), high = greatest(l.high, n.high),
      first = CASE WHEN n.first_seq < l.first_seq THEN n.first ELSE l.first END, first_seq = least(l.first_seq, n.first_seq),
      last = CASE WHEN n.last_seq >= l.last_seq THEN n.last ELSE l.last END, last_seq = greatest(l.last_seq, n.last_seq),
      ns = n.all_ns, ys = n.all_ys, epochs = n.all_epochs, steps = n.all_steps, times = n.all_times
    -- Nobody else changes the row: whoever adds a window holds the run's mark.
    FROM lines n WHERE l.ctid = n.row
  )
  INSERT INTO chunk_lines (
    project, run_id, kind, key, from_pos, points, first, first_seq, last, last_seq, low, high, ns, ys, epochs, steps, times
  )
  SELECT
    project, run_id, kind, key, from_pos, points, first, first_seq, last, last_seq, low, high,
    all_ns, all_ys, all_epochs, all_steps, all_times
  FROM lines WHERE row IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER chunks_added AFTER INSERT ON chunks
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION extend_lines();

-- Those that are there are given to it once more, one window after the other.
CREATE UNLOGGED TABLE chunks_again (LIKE chunks);
CREATE TRIGGER chunks_again_added AFTER INSERT ON chunks_again
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION extend_lines();
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT project, run_id, kind, from_pos FROM chunk_axes ORDER BY project, run_id, from_pos LOOP
    INSERT INTO chunks_again
    SELECT c.* FROM chunks c
    WHERE c.project = one.project AND c.run_id = one.run_id AND c.kind = one.kind AND c.from_pos = one.from_pos;
  END LOOP;
END $$;
DROP TABLE chunks_again;
