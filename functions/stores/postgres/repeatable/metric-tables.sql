-- The one place that knows how the metrics of the log are stored beside it (002-chunks.sql, 015-lines.sql,
-- 017-lines-later.sql): nothing else names these tables, so that they can become others. Metrics that are in none of
-- them yet are read from the log, after metric_marks.
-- The functions are written so that the planner puts them into the statement that calls them.
DROP VIEW IF EXISTS metric_marks, metric_ends, metric_thinned, metric_unlined CASCADE;
-- Of an older version.
DROP VIEW IF EXISTS chunked CASCADE;
DROP FUNCTION IF EXISTS metric_buckets;
DROP FUNCTION IF EXISTS metric_points;
DROP FUNCTION IF EXISTS metric_tables;

-- Where the tail of a run begins: all of its metrics below are stored here, none of those from here on.
CREATE VIEW metric_marks AS SELECT project, run_id, pos FROM sealed;

-- The first and the last value of a key below the mark, with what lies between. The two halves are alike but for
-- constants, as in logged.
CREATE VIEW metric_ends AS
SELECT project, run_id, metric, split, 'epoch' AS level, from_pos, points, first, first_seq, last, last_seq, low, high
FROM chunk_lines WHERE kind = 'on_epoch_end'
UNION ALL
SELECT project, run_id, metric, split, 'batch' AS level, from_pos, points, first, first_seq, last, last_seq, low, high
FROM chunk_lines WHERE kind IN ('on_train_batch_end', 'on_test_batch_end');

-- The lines of keys below the mark, a row a point: at most about 750 of each.
CREATE VIEW metric_thinned AS
SELECT
  project, run_id, metric, split, 'epoch' AS level,
  unnest(epochs) AS epoch, unnest(steps) AS step, unnest(times) AS ts, unnest(ys) AS value
FROM chunk_lines WHERE kind = 'on_epoch_end'
UNION ALL
SELECT
  project, run_id, metric, split, 'batch' AS level,
  unnest(epochs) AS epoch, unnest(steps) AS step, unnest(times) AS ts, unnest(ys) AS value
FROM chunk_lines WHERE kind IN ('on_train_batch_end', 'on_test_batch_end');

-- Values below the mark that are in no line yet, counted from 0 for each key in the log's order: all of them, or of long
-- lines those that they may need. Their coordinates are bits, of which it takes long to make numbers: those that are
-- wanted are coordinate_of(coalesce(even, double_of(bits))).
CREATE VIEW metric_unlined AS
SELECT
  l.project, l.run_id, l.kind, l.key, l.metric, l.split, l.level,
  p.n, p.y, p.even_epoch, p.even_step, p.epoch_bits, p.step_bits, p.time_bits
FROM (
  SELECT k.project, k.run_id, k.kind, k.key, k.metric, k.split, 'epoch' AS level, k.points, s.lined_pos
  FROM chunk_lines k JOIN sealed s USING (project, run_id) WHERE k.kind = 'on_epoch_end' AND k.lined < k.points
  UNION ALL
  SELECT k.project, k.run_id, k.kind, k.key, k.metric, k.split, 'batch' AS level, k.points, s.lined_pos
  FROM chunk_lines k JOIN sealed s USING (project, run_id)
  WHERE k.kind IN ('on_train_batch_end', 'on_test_batch_end') AND k.lined < k.points
) AS l
CROSS JOIN LATERAL (
    SELECT p.n, double_of(p.bits) AS y, p.even_epoch, p.even_step, p.epoch_bits, p.step_bits, p.time_bits
    FROM (
      SELECT
        c.before + p.place AS n, p.bits,
        c.epoch_first + c.epoch_stride * o.event AS even_epoch, int8_at(c.axis_epochs, 8 * o.event) AS epoch_bits,
        c.step_first + c.step_stride * o.event AS even_step, int8_at(c.axis_steps, 8 * o.event) AS step_bits,
        int8_at(c.axis_times, 8 * o.event) AS time_bits
      FROM (
        -- With its bytes at hand: a byte of a value that is kept apart is looked up there, each for itself.
        SELECT
          w.before, w.own, CASE WHEN line_grain(l.points) >= 20 THEN w.rollups || ''::bytea END AS rollups, w.y || ''::bytea AS y,
          w.places || ''::bytea AS places, a.epoch_first, a.epoch_stride, a.step_first, a.step_stride,
          a.epochs || ''::bytea AS axis_epochs, a.steps || ''::bytea AS axis_steps, a.times || ''::bytea AS axis_times
        FROM (
          SELECT
            k.from_pos, k.points AS own, k.rollups, k.y, k.places,
            (sum(k.points) OVER (ORDER BY k.from_pos) - k.points)::bigint AS before
          FROM chunks k
          WHERE k.project = l.project AND k.run_id = l.run_id AND k.kind = l.kind
            AND left(k.key, 60) = left(l.key, 60) AND k.key = l.key AND k.from_pos >= l.lined_pos
          OFFSET 0
        ) AS w
        CROSS JOIN LATERAL (
          SELECT * FROM chunk_axes x
          WHERE x.project = l.project AND x.run_id = l.run_id AND x.kind = l.kind AND x.from_pos = w.from_pos
          OFFSET 0
        ) AS a
        OFFSET 0
      ) AS c
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
    ) AS p
) AS p;

-- What is known of the windows of some keys in some kinds of event below the marks of the runs,
-- without their points: a row a key of a run's events. headers: a record a window (series-rows.ts);
-- rollups and x: their columns, one window's after the other's. writer: the one that is known;
-- several: there are others, or windows of nobody knows whom. The axis is epoch, step or time; it
-- comes along where roll-ups can be used and it is not even. OFFSET 0 keeps these look-ups into the
-- indexes, whatever the planner knows of tables that have just grown.
CREATE FUNCTION metric_buckets(of_project text, axis text, runs text[], marks bigint[], kinds text[], keys text[])
RETURNS TABLE (run text, kind text, key text, headers bytea, rollups bytea, x bytea, writer text, several boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT r.run_id, of_kind.kind, wanted.key, of.headers, of.rollups, of.x, of.writer, of.several
  FROM unnest(runs, marks) AS r (run_id, mark)
  CROSS JOIN unnest(kinds) AS of_kind (kind)
  CROSS JOIN unnest(keys) AS wanted (key)
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
      string_agg(a.x, '') AS x,
      min(a.writer) AS writer,
      coalesce(min(a.writer) <> max(a.writer), false) OR count(a.writer) NOT IN (0, count(*)) OR bool_or(a.is_mixed) AS several
    FROM (
      SELECT k.from_pos, k.points, k.first, k.last, k.rollups FROM chunks k
      WHERE k.project = of_project AND k.run_id = r.run_id AND k.kind = of_kind.kind
        AND left(k.key, 60) = left(wanted.key, 60) AND k.key = wanted.key AND k.from_pos < r.mark
      ORDER BY k.from_pos
      OFFSET 0
    ) AS c
    CROSS JOIN LATERAL (
      SELECT
        s.in_order, s.seq_lo, s.seq_hi, s.writer, s.writers IS NOT NULL AS is_mixed,
        CASE axis WHEN 'epoch' THEN s.epoch_first WHEN 'step' THEN s.step_first END AS x_first,
        CASE axis WHEN 'epoch' THEN s.epoch_stride WHEN 'step' THEN s.step_stride END AS x_stride,
        CASE WHEN c.rollups IS NOT NULL THEN
          CASE axis WHEN 'epoch' THEN s.epochs WHEN 'step' THEN s.steps ELSE s.times END
        END AS x
      FROM chunk_axes s
      WHERE s.project = of_project AND s.run_id = r.run_id AND s.kind = of_kind.kind AND s.from_pos = c.from_pos
      OFFSET 0
    ) AS a
  ) AS of
  WHERE of.headers IS NOT NULL;
END;

-- All points of the windows with these runs, kinds and keys below the marks: a row a window. Who
-- wrote each may be more than its points, and comes where writers are told apart.
CREATE FUNCTION metric_points(
  of_project text, axis text, runs text[], marks bigint[], kinds text[], keys text[], needs_seqs boolean[],
  apart boolean DEFAULT true
)
RETURNS TABLE (
  run text, kind text, key text, from_pos bigint, points integer, y bytea, offsets bytea,
  x_first double precision, x_stride double precision, x bytea, seqs bytea, writer text, writers jsonb
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    c.run_id, c.kind, c.key, c.from_pos, c.points, c.y, c.places,
    CASE axis WHEN 'epoch' THEN a.epoch_first WHEN 'step' THEN a.step_first END,
    CASE axis WHEN 'epoch' THEN a.epoch_stride WHEN 'step' THEN a.step_stride END,
    CASE axis WHEN 'epoch' THEN a.epochs WHEN 'step' THEN a.steps ELSE a.times END,
    CASE WHEN wanted.needs_seqs THEN a.seqs END, a.writer, CASE WHEN apart THEN a.writers END
  FROM unnest(runs, marks, kinds, keys, needs_seqs) AS wanted (run_id, mark, kind, key, needs_seqs)
  JOIN chunks c ON c.project = of_project AND c.run_id = wanted.run_id AND c.kind = wanted.kind
    AND left(c.key, 60) = left(wanted.key, 60) AND c.key = wanted.key AND c.from_pos < wanted.mark
  JOIN chunk_axes a ON a.project = of_project AND a.run_id = c.run_id AND a.kind = c.kind AND a.from_pos = c.from_pos;
END;

-- The tables themselves, each with project and run_id: for grants, for erasing a run and to give its space back.
CREATE FUNCTION metric_tables() RETURNS SETOF regclass
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  VALUES ('sealed'::regclass), ('chunk_axes'::regclass), ('chunks'::regclass), ('chunk_lines'::regclass), ('run_starts'::regclass);
END;

-- Waits for windows that are being added and keeps further ones out, until the transaction ends.
CREATE OR REPLACE FUNCTION hold_windows() RETURNS void LANGUAGE plpgsql SET search_path = integraviz, pg_temp AS $$
BEGIN
  LOCK TABLE sealed IN SHARE ROW EXCLUSIVE MODE;
END $$;

-- Goes on with the lines of a run. Whoever adds a window of it waits meanwhile. Planning it takes longer than what it
-- does, so one plan has to do.
CREATE OR REPLACE FUNCTION extend_lines(of_project text, of_run text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = integraviz, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  mark record;
BEGIN
  SELECT s.pos, s.lined_pos INTO mark FROM sealed s WHERE s.project = of_project AND s.run_id = of_run FOR UPDATE;
  IF NOT FOUND OR mark.lined_pos = mark.pos THEN RETURN; END IF;
  WITH given AS MATERIALIZED (
    SELECT
      l.ctid AS row, l.kind, l.key, l.lined AS before, l.points, line_grain(l.points) AS grain,
      l.ns, l.ys, l.epochs, l.steps, l.times,
      -- So many points stay as they are: buckets that are full, and are no part of wider ones now.
      CASE WHEN line_grain(l.points) = line_grain(l.lined) THEN
        (SELECT count(*) FROM unnest(l.ns) AS n WHERE n < (l.lined - 1) / line_grain(l.lined) * line_grain(l.lined))
      ELSE 0 END::integer AS settled
    FROM chunk_lines l
    WHERE l.project = of_project AND l.run_id = of_run AND l.lined < l.points
  ),
  candidates AS (
    SELECT
      c.row, c.grain, c.points, o.n, o.y, true AS is_old, o.epoch, o.step, o.at,
      NULL::double precision AS even_epoch, NULL::double precision AS even_step,
      NULL::bigint AS epoch_bits, NULL::bigint AS step_bits, NULL::bigint AS time_bits
    FROM given c
    CROSS JOIN LATERAL unnest(
      c.ns[c.settled + 1:], c.ys[c.settled + 1:], c.epochs[c.settled + 1:], c.steps[c.settled + 1:], c.times[c.settled + 1:]
    ) AS o (n, y, epoch, step, at)
    UNION ALL
    SELECT
      c.row, c.grain, c.points, c.before + p.n, p.y, false, NULL, NULL, NULL,
      p.even_epoch, p.even_step, p.epoch_bits, p.step_bits, p.time_bits
    FROM given c JOIN metric_unlined p USING (kind, key)
    WHERE p.project = of_project AND p.run_id = of_run
  ),
  chosen AS (
    SELECT
      row, n, y,
      CASE WHEN is_old THEN epoch ELSE coordinate_of(coalesce(even_epoch, double_of(epoch_bits))) END AS epoch,
      CASE WHEN is_old THEN step ELSE coordinate_of(coalesce(even_step, double_of(step_bits))) END AS step,
      CASE WHEN is_old THEN at ELSE to_timestamp(double_of(time_bits) / 1000) END AS at
    FROM (
      SELECT
        o.*,
        row_number() OVER (PARTITION BY o.row, o.n / o.grain, o.is_odd ORDER BY CASE WHEN NOT o.is_odd THEN o.y END, o.n) AS low,
        row_number() OVER (PARTITION BY o.row, o.n / o.grain, o.is_odd ORDER BY CASE WHEN NOT o.is_odd THEN -o.y END, o.n) AS high
      FROM (SELECT c.*, c.y IN ('NaN', 'Infinity', '-Infinity') AS is_odd FROM candidates c OFFSET 0) AS o
    ) AS r
    WHERE r.low = 1 OR r.high = 1 OR r.n = 0 OR r.n = r.points - 1
  ),
  lines AS (
    SELECT
      row, array_agg(n ORDER BY n) AS ns, array_agg(y ORDER BY n) AS ys, array_agg(epoch ORDER BY n) AS epochs,
      array_agg(step ORDER BY n) AS steps, array_agg(at ORDER BY n) AS times
    FROM chosen GROUP BY row
  )
  UPDATE chunk_lines l SET
    lined = c.points, ns = c.ns[:c.settled] || n.ns, ys = c.ys[:c.settled] || n.ys,
    epochs = c.epochs[:c.settled] || n.epochs, steps = c.steps[:c.settled] || n.steps, times = c.times[:c.settled] || n.times
  -- Nobody else changes the row: whoever adds a window holds the run's mark.
  FROM given c JOIN lines n USING (row)
  WHERE l.ctid = c.row;
  UPDATE sealed s SET lined_pos = s.pos, lined_at = clock_timestamp() WHERE s.project = of_project AND s.run_id = of_run;
END $$;
