-- The one place that knows how the metrics of the log are stored beside it (002-chunks.sql, 015-lines.sql): nothing else names these
-- tables, so that they can become others. Metrics that are in none of them yet are read from the log, after metric_marks.
-- The functions are written so that the planner puts them into the statement that calls them.
DROP VIEW IF EXISTS metric_marks, metric_ends, metric_thinned CASCADE;
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
