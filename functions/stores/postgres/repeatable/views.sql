-- Run again whenever this file or one that it stands on (functions.sql, metric-tables.sql) changes: all that is derived
-- from the log. These views are the only thing that dashboards and readers see.

DROP VIEW IF EXISTS
  raw_link, audit, metric_lines, metric_names, metric_tails, run_summary, summary_by_event, latest_metrics, metrics, logged, runs, run_by_event, run_keys
CASCADE;
-- Of an older version.
DROP VIEW IF EXISTS tail_metrics CASCADE;

-- One row an event that carries metrics. The two halves are alike but for constants, so that a query for one level
-- reads that level alone.
CREATE VIEW logged AS
SELECT e.*, 'epoch' AS level, 'train' AS split FROM events e WHERE e.kind = 'on_epoch_end'
UNION ALL
SELECT e.*, 'batch' AS level, CASE e.kind WHEN 'on_test_batch_end' THEN 'validation' ELSE 'train' END AS split
FROM events e WHERE e.kind IN ('on_train_batch_end', 'on_test_batch_end');

CREATE VIEW metrics AS
SELECT
  l.project,
  l.run_id AS run,
  CASE WHEN named.prefix IS NULL THEN entry.key ELSE substr(entry.key, length(named.prefix) + 2) END AS metric,
  coalesce(CASE WHEN named.prefix IN ('val', 'eval') THEN 'validation' ELSE named.prefix END, l.split) AS split,
  l.level,
  l.writer,
  l.epoch,
  l.step,
  l.seq,
  l.created_at AS ts,
  metric_value(entry.value) AS value,
  CASE metric_value(entry.value)
    WHEN 'NaN' THEN 'nan' WHEN 'Infinity' THEN '+inf' WHEN '-Infinity' THEN '-inf' ELSE 'finite'
  END AS value_kind,
  coalesce(entry.value ->> '$num', entry.value #>> '{}') AS value_text,
  l.pos,
  lower_is_better(entry.key)
FROM logged l
CROSS JOIN LATERAL jsonb_each(l.logs) AS entry
CROSS JOIN LATERAL (SELECT substring(entry.key FROM '^(train|val|validation|eval|test)[_/].') AS prefix) AS named
WHERE metric_value(entry.value) IS NOT NULL;

CREATE VIEW latest_metrics AS
SELECT DISTINCT ON (project, run, metric, split, level) *
FROM metrics
ORDER BY project, run, metric, split, level, seq DESC, pos DESC;

-- Every run, by its first event. OFFSET 0 keeps the look at others a look into the index for each.
CREATE VIEW run_keys AS
SELECT k.project, k.run_id, k.pos, k.started_at FROM run_starts k
WHERE NOT EXISTS (
  SELECT FROM run_starts s WHERE s.project = k.project AND s.run_id = k.run_id AND s.pos < k.pos OFFSET 0
);

-- The metrics of a run in five numbers, from what is kept of each key and the values that are in none yet; once for
-- each event of the run, which is to be chosen by its pos: so a run that is known is looked up, and all are by run_keys.
-- OFFSET 0 has the tail looked up by itself. That its bounds are said twice has it looked up in the index of runs,
-- however long the log is: with plain comparisons alone the planner would often rather read all of the log after a
-- mark, whatever its run, and with those of rows alone, which it takes for a ninth of the log, all of it. The halves of
-- the tail are alike but for the level.
CREATE VIEW summary_by_event AS
SELECT k.project, k.run_id AS run, s.*, k.pos
FROM events k
LEFT JOIN metric_marks AS mark USING (project, run_id)
CROSS JOIN LATERAL (
  SELECT
    metric, split, level,
    sum(points) AS points,
    (array_agg(first ORDER BY first_seq, pos))[1] AS first,
    (array_agg(first_text ORDER BY first_seq, pos))[1] AS first_text,
    (array_agg(last ORDER BY last_seq DESC, pos DESC))[1] AS last,
    (array_agg(last_text ORDER BY last_seq DESC, pos DESC))[1] AS last_text,
    CASE coalesce(defined.lower_is_better, lower_is_better(metric)) WHEN true THEN min(low) WHEN false THEN max(high) END AS best,
    min(low) AS min,
    max(high) AS max,
    coalesce(defined.lower_is_better, lower_is_better(metric)) AS lower_is_better
  FROM (
    SELECT
      c.metric, c.split, c.level, c.points, c.from_pos AS pos, c.first_seq, c.last_seq,
      metric_value(c.first) AS first, coalesce(c.first ->> '$num', c.first #>> '{}') AS first_text,
      metric_value(c.last) AS last, coalesce(c.last ->> '$num', c.last #>> '{}') AS last_text,
      c.low, c.high
    FROM metric_ends c
    WHERE c.project = k.project AND c.run_id = k.run_id
    UNION ALL
    SELECT
      t.metric, t.split, t.level, 1, t.pos, t.seq, t.seq, t.value, t.value_text, t.value, t.value_text,
      CASE t.value_kind WHEN 'finite' THEN t.value END, CASE t.value_kind WHEN 'finite' THEN t.value END
    FROM (
      SELECT 'epoch' AS level, epochs.* FROM (
        SELECT metric, split, pos, seq, value, value_kind, value_text FROM metrics
        WHERE level = 'epoch' AND project = k.project AND run = k.run_id
          AND (run, pos) >= (k.run_id, coalesce(mark.pos, 0)) AND (run, pos) < (k.run_id, 9223372036854775807)
          AND pos >= coalesce(mark.pos, 0) AND pos < 9223372036854775807
        OFFSET 0
      ) AS epochs
      UNION ALL
      SELECT 'batch', batches.* FROM (
        SELECT metric, split, pos, seq, value, value_kind, value_text FROM metrics
        WHERE level = 'batch' AND project = k.project AND run = k.run_id
          AND (run, pos) >= (k.run_id, coalesce(mark.pos, 0)) AND (run, pos) < (k.run_id, 9223372036854775807)
          AND pos >= coalesce(mark.pos, 0) AND pos < 9223372036854775807
        OFFSET 0
      ) AS batches
    ) AS t
  ) AS pieces
  LEFT JOIN (
    -- What the run says of a metric counts before its name does; the last word wins.
    SELECT DISTINCT ON (e.logs ->> 'metric') e.logs ->> 'metric' AS metric, e.logs ->> 'best' = 'min' AS lower_is_better
    FROM events e
    WHERE e.project = k.project AND e.run_id = k.run_id AND e.kind = 'define' AND e.logs ->> 'best' IN ('min', 'max')
    ORDER BY e.logs ->> 'metric', e.seq DESC, e.pos DESC
  ) AS defined USING (metric)
  GROUP BY metric, split, level, defined.lower_is_better
) AS s;

-- OFFSET 0 has every run counted as one row at least: a join of run_keys with a view of events is taken for none, and the
-- keys were then found once more for each row of what run_summary or runs is joined with.
CREATE VIEW run_summary AS
SELECT
  k.project, k.run_id AS run, s.metric, s.split, s.level, s.points, s.first, s.first_text, s.last, s.last_text, s.best, s.min, s.max,
  s.lower_is_better
FROM run_keys k CROSS JOIN LATERAL (
  SELECT * FROM summary_by_event of WHERE of.project = k.project AND of.run = k.run_id AND of.pos = k.pos OFFSET 0
) AS s;

-- Values that are stored nowhere but in the log, of every run: what lies after its mark. As in summary_by_event.
CREATE VIEW metric_tails AS
SELECT k.project, k.run_id AS run, t.*
FROM run_keys k
LEFT JOIN metric_marks AS mark USING (project, run_id)
CROSS JOIN LATERAL (
  SELECT 'epoch' AS level, epochs.* FROM (
    SELECT metric, split, epoch, step, ts, value, value_kind, seq, pos FROM metrics
    WHERE level = 'epoch' AND project = k.project AND run = k.run_id
      AND (run, pos) >= (k.run_id, coalesce(mark.pos, 0)) AND (run, pos) < (k.run_id, 9223372036854775807)
      AND pos >= coalesce(mark.pos, 0) AND pos < 9223372036854775807
    OFFSET 0
  ) AS epochs
  UNION ALL
  SELECT 'batch', batches.* FROM (
    SELECT metric, split, epoch, step, ts, value, value_kind, seq, pos FROM metrics
    WHERE level = 'batch' AND project = k.project AND run = k.run_id
      AND (run, pos) >= (k.run_id, coalesce(mark.pos, 0)) AND (run, pos) < (k.run_id, 9223372036854775807)
      AND pos >= coalesce(mark.pos, 0) AND pos < 9223372036854775807
    OFFSET 0
  ) AS batches
) AS t;

-- Which metrics runs have: what filters offer.
CREATE VIEW metric_names AS
SELECT project, run_id AS run, metric, split, level FROM metric_ends
UNION
SELECT project, run, metric, split, level FROM metric_tails;

-- The lines of metrics: all points of short ones, of others those that a chart must not lose. At most 1,000 of a
-- key of a run's events: some 750 that are stored, and 242 of what is in no line yet. Two keys may mean one metric.
CREATE VIEW metric_lines AS
SELECT project, run_id AS run, metric, split, level, epoch, step, ts, value FROM metric_thinned
UNION ALL
SELECT
  r.project, r.run, r.metric, r.split, r.level,
  coalesce(r.epoch, coordinate_of(coalesce(r.even_epoch, double_of(r.epoch_bits)))),
  coalesce(r.step, coordinate_of(coalesce(r.even_step, double_of(r.step_bits)))),
  coalesce(r.ts, to_timestamp(double_of(r.time_bits) / 1000)), r.value
FROM (
  SELECT
    n.*,
    row_number() OVER (
      PARTITION BY n.project, n.run, n.metric, n.split, n.level, n.nth * n.buckets / n.total, n.is_finite
      ORDER BY CASE WHEN n.is_finite THEN n.value END, n.nth
    ) AS low,
    row_number() OVER (
      PARTITION BY n.project, n.run, n.metric, n.split, n.level, n.nth * n.buckets / n.total, n.is_finite
      ORDER BY CASE WHEN n.is_finite THEN -n.value END, n.nth
    ) AS high
  FROM (
    SELECT
      t.*,
      row_number() OVER (PARTITION BY t.project, t.run, t.metric, t.split, t.level ORDER BY t.n, t.seq, t.pos) - 1 AS nth,
      count(*) OVER (PARTITION BY t.project, t.run, t.metric, t.split, t.level) AS total,
      -- Without others a bucket gives two points, so there may be more buckets.
      CASE WHEN bool_and(t.is_finite) OVER (PARTITION BY t.project, t.run, t.metric, t.split, t.level)
        THEN 120 ELSE 80 END AS buckets
    FROM (
      SELECT
        project, run, metric, split, level, value, value_kind = 'finite' AS is_finite, NULL::bigint AS n, seq, pos, epoch, step, ts,
        NULL::double precision AS even_epoch, NULL::double precision AS even_step,
        NULL::bigint AS epoch_bits, NULL::bigint AS step_bits, NULL::bigint AS time_bits
      FROM metric_tails
      UNION ALL
      SELECT
        project, run_id, metric, split, level, y, y NOT IN ('NaN', 'Infinity', '-Infinity'), n, NULL, NULL, NULL, NULL, NULL,
        even_epoch, even_step, epoch_bits, step_bits, time_bits
      FROM metric_unlined
    ) AS t
  ) AS n
) AS r
WHERE r.total <= 240 OR r.low = 1 OR r.high = 1 OR r.nth IN (0, r.total - 1);

-- What is derived of a run, once for each of its events: as summary_by_event, to be asked for the first one.
CREATE VIEW run_by_event AS
SELECT
  keys.project,
  keys.run_id AS run,
  coalesce(nullif(said.tags ->> 'name', ''), keys.run_id) AS name,
  CASE
    WHEN mark.pos IS NOT NULL THEN CASE WHEN mark.status IN ('finished', 'failed') THEN mark.status ELSE 'stopped' END
    WHEN turn.has_ended THEN CASE WHEN turn.status IN ('failed', 'stopped') THEN turn.status ELSE 'finished' END
    WHEN last.received_at + 3 * beat.interval < now() THEN 'lost'
    -- Without heartbeats: silent for an hour and for ten times the longest pause before its last 20 events.
    WHEN beat.interval IS NULL AND (
      SELECT max(heard.received_at) + greatest(interval '1 hour', 10 * max(heard.pause)) < now()
      FROM (
        SELECT latest.received_at, latest.received_at - lag(latest.received_at) OVER (ORDER BY latest.pos) AS pause
        FROM (
          SELECT e.received_at, e.pos FROM events e
          WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.actor IS NULL ORDER BY e.pos DESC LIMIT 20
        ) AS latest
      ) AS heard
    ) THEN 'lost'
    ELSE 'running'
  END AS state,
  keys.created_at AS started_at,
  CASE WHEN mark.pos IS NOT NULL THEN mark.created_at WHEN turn.has_ended THEN turn.ended_at END AS ended_at,
  last.received_at AS last_event_at,
  said.tags ->> 'note' AS note,
  coalesce(said.tags -> 'archived' = 'true', false) AS archived,
  coalesce(said.params, '{}') AS params,
  coalesce(said.tags, '{}') AS tags,
  keys.pos
FROM events keys
CROSS JOIN LATERAL (
  SELECT e.received_at FROM events e
  WHERE e.project = keys.project AND e.run_id = keys.run_id ORDER BY e.pos DESC LIMIT 1
) AS last
CROSS JOIN LATERAL (
  -- The last value of each key wins; null removes it.
  SELECT
    jsonb_object_agg(latest.key, latest.value) FILTER (WHERE latest.kind = 'params') AS params,
    jsonb_object_agg(latest.key, latest.value) FILTER (WHERE latest.kind = 'tags') AS tags
  FROM (
    SELECT DISTINCT ON (e.kind, entry.key) e.kind, entry.key, entry.value
    FROM events e CROSS JOIN LATERAL jsonb_each(e.logs) AS entry
    WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.kind IN ('params', 'tags')
    ORDER BY e.kind, entry.key, e.seq DESC, e.pos DESC
  ) AS latest
  WHERE latest.value <> 'null'
) AS said
-- Each writer has its own beginning and end, in the order of its own counter; the last one to end ends the run. One that
-- has not ended and says nothing any more once another has begun was resumed by it.
CROSS JOIN LATERAL (
  SELECT
    bool_or(t.kind = 'on_train_end') AND NOT bool_or(t.kind = 'on_train_begin' AND (t.pos = t.last_begin OR EXISTS (
      SELECT FROM events e
      WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.writer = t.writer AND e.pos >= t.last_begin
    ))) AS has_ended,
    (array_agg(t.status ORDER BY t.pos DESC) FILTER (WHERE t.kind = 'on_train_end'))[1] AS status,
    (array_agg(t.created_at ORDER BY t.pos DESC) FILTER (WHERE t.kind = 'on_train_end'))[1] AS ended_at
  FROM (
    SELECT DISTINCT ON (e.writer)
      e.writer, e.kind, e.logs ->> 'status' AS status, e.created_at, e.pos,
      max(e.pos) FILTER (WHERE e.kind = 'on_train_begin') OVER () AS last_begin
    FROM events e
    WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.kind IN ('on_train_begin', 'on_train_end')
    ORDER BY e.writer, e.seq DESC, e.pos DESC
  ) AS t
) AS turn
-- That someone marked it as ended, unless it has said something since.
LEFT JOIN LATERAL (
  SELECT marked.* FROM (
    SELECT e.pos, e.created_at, e.logs ->> 'status' AS status FROM events e
    WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.kind = 'end_marked' ORDER BY e.pos DESC LIMIT 1
  ) AS marked
  WHERE NOT EXISTS (
    SELECT FROM events e
    WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.pos > marked.pos AND e.actor IS NULL
  )
) AS mark ON true
LEFT JOIN LATERAL (
  SELECT make_interval(secs => least(greatest((e.logs ->> 'interval_s')::double precision, 0), 1e9)) AS interval FROM events e
  WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.kind = 'heartbeat'
    AND jsonb_typeof(e.logs -> 'interval_s') = 'number'
  ORDER BY e.pos DESC LIMIT 1
) AS beat ON true
WHERE NOT EXISTS (SELECT FROM purged_runs p WHERE p.project = keys.project AND p.run_id = keys.run_id);

CREATE VIEW runs AS
SELECT k.project, k.run_id AS run, r.name, r.state, k.started_at, r.ended_at, r.last_event_at, r.note, r.archived, r.params, r.tags
FROM run_keys k CROSS JOIN LATERAL (
  SELECT * FROM run_by_event of WHERE of.project = k.project AND of.run = k.run_id AND of.pos = k.pos OFFSET 0
) AS r;

-- Who asked what of a run, when and why.
CREATE VIEW audit AS
SELECT project, run_id AS run, kind, actor, created_at AS ts, logs ->> 'reason' AS reason, logs, pos
FROM events WHERE actor IS NOT NULL;

-- The table of the paper, so that its own queries run unchanged.
CREATE VIEW raw_link AS
SELECT run_id AS id, kind AS description, created_at, logs, epoch
FROM events;
