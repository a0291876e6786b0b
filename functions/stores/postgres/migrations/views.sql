-- Run again whenever this file changes: all that is derived from the log. These views are the only thing that
-- dashboards and readers see.

DROP VIEW IF EXISTS raw_link, audit, run_summary, tail_metrics, latest_metrics, metrics, logged, chunked, runs, run_keys CASCADE;

-- The double behind a metric's JSON value; null where it is no number.
CREATE OR REPLACE FUNCTION metric_value(value jsonb) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
  WHEN 'number' THEN value::double precision
  WHEN 'object' THEN (value ->> '$num')::double precision
END;

-- A time as ISO 8601 in UTC, to the µs.
CREATE OR REPLACE FUNCTION iso(at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE OR REPLACE FUNCTION lower_is_better(metric text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN metric ~* '(loss|error|err$|mae$|mse$|perplexity|divergence|time|seconds|cost)';

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
  coalesce(CASE named.prefix WHEN 'val' THEN 'validation' ELSE named.prefix END, l.split) AS split,
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
CROSS JOIN LATERAL (SELECT substring(entry.key FROM '^(val|test)_.') AS prefix) AS named
WHERE metric_value(entry.value) IS NOT NULL;

CREATE VIEW latest_metrics AS
SELECT DISTINCT ON (project, run, metric, split, level) *
FROM metrics
ORDER BY project, run, metric, split, level, seq DESC, pos DESC;

-- Every run, and where its tail begins. The keys are found by leaping from run to run in the index, not by a scan.
CREATE VIEW run_keys AS
WITH RECURSIVE keys AS (
  (SELECT e.project, e.run_id FROM events e ORDER BY e.project, e.run_id LIMIT 1)
  UNION ALL
  SELECT next.project, next.run_id
  FROM keys CROSS JOIN LATERAL (
    -- In two steps, and not as (project, run_id) > (...): with a list of projects from row-level security beside it,
    -- the index would begin each leap at the project's first run.
    (SELECT e.project, e.run_id FROM events e
     WHERE e.project = keys.project AND e.run_id > keys.run_id ORDER BY e.run_id LIMIT 1)
    UNION ALL
    (SELECT e.project, e.run_id FROM events e
     WHERE e.project > keys.project ORDER BY e.project, e.run_id LIMIT 1)
    ORDER BY project, run_id LIMIT 1
  ) AS next
)
SELECT keys.project, keys.run_id, coalesce(sealed.pos, 0) AS mark
FROM keys LEFT JOIN sealed USING (project, run_id);

-- As logged, of chunks.
CREATE VIEW chunked AS
SELECT c.*, 'epoch' AS level, 'train' AS split FROM chunks c WHERE c.kind = 'on_epoch_end'
UNION ALL
SELECT c.*, 'batch' AS level, CASE c.kind WHEN 'on_test_batch_end' THEN 'validation' ELSE 'train' END AS split
FROM chunks c WHERE c.kind IN ('on_train_batch_end', 'on_test_batch_end');

-- The metrics that are in no chunk yet. OFFSET 0 has the tail of each run looked up by itself, and the comparisons of
-- rows (which say run = k.run_id too) in the index of runs: with plain ones the planner would often rather read all of
-- the log after a mark, whatever its run. The halves are alike but for the level.
CREATE VIEW tail_metrics AS
SELECT
  k.project, k.run_id AS run, 'epoch' AS level, m.metric, m.split, m.pos, m.seq, m.value, m.value_kind, m.value_text
FROM run_keys k
CROSS JOIN LATERAL (
  SELECT * FROM metrics WHERE level = 'epoch' AND project = k.project
    AND (run, pos) >= (k.run_id, k.mark) AND (run, pos) < (k.run_id, 9223372036854775807)
  OFFSET 0
) AS m
UNION ALL
SELECT k.project, k.run_id, 'batch', m.metric, m.split, m.pos, m.seq, m.value, m.value_kind, m.value_text
FROM run_keys k
CROSS JOIN LATERAL (
  SELECT * FROM metrics WHERE level = 'batch' AND project = k.project
    AND (run, pos) >= (k.run_id, k.mark) AND (run, pos) < (k.run_id, 9223372036854775807)
  OFFSET 0
) AS m;

-- From what chunks say of themselves, and the values that are in none yet.
CREATE VIEW run_summary AS
SELECT
  project, run, metric, split, level,
  sum(points) AS points,
  (array_agg(first ORDER BY first_seq, pos))[1] AS first,
  (array_agg(first_text ORDER BY first_seq, pos))[1] AS first_text,
  (array_agg(last ORDER BY last_seq DESC, pos DESC))[1] AS last,
  (array_agg(last_text ORDER BY last_seq DESC, pos DESC))[1] AS last_text,
  CASE WHEN lower_is_better(metric) THEN min(low) ELSE max(high) END AS best,
  min(low) AS min,
  max(high) AS max
FROM (
  SELECT
    c.project, c.run_id AS run,
    CASE WHEN named.prefix IS NULL THEN c.key ELSE substr(c.key, length(named.prefix) + 2) END AS metric,
    coalesce(CASE named.prefix WHEN 'val' THEN 'validation' ELSE named.prefix END, c.split) AS split,
    c.level, c.points, c.from_pos AS pos, c.first_seq, c.last_seq,
    metric_value(c.first) AS first, coalesce(c.first ->> '$num', c.first #>> '{}') AS first_text,
    metric_value(c.last) AS last, coalesce(c.last ->> '$num', c.last #>> '{}') AS last_text,
    c.low, c.high
  FROM chunked c
  CROSS JOIN LATERAL (SELECT substring(c.key FROM '^(val|test)_.') AS prefix) AS named
  UNION ALL
  SELECT
    t.project, t.run, t.metric, t.split, t.level, 1, t.pos, t.seq, t.seq, t.value, t.value_text, t.value, t.value_text,
    CASE t.value_kind WHEN 'finite' THEN t.value END, CASE t.value_kind WHEN 'finite' THEN t.value END
  FROM tail_metrics t
) AS pieces
GROUP BY project, run, metric, split, level;

-- Every run and what is derived of it.
CREATE VIEW runs AS
SELECT
  keys.project,
  keys.run_id AS run,
  coalesce(said.tags ->> 'name', keys.run_id) AS name,
  CASE
    WHEN turn.kind = 'on_train_end' THEN
      CASE WHEN turn.logs ->> 'status' IN ('failed', 'stopped') THEN turn.logs ->> 'status' ELSE 'finished' END
    WHEN last.received_at + 3 * beat.interval < now() THEN 'lost'
    ELSE 'running'
  END AS state,
  first.created_at AS started_at,
  CASE WHEN turn.kind = 'on_train_end' THEN turn.created_at END AS ended_at,
  last.received_at AS last_event_at,
  said.tags ->> 'note' AS note,
  coalesce(said.tags -> 'archived' = 'true', false) AS archived,
  coalesce(said.params, '{}') AS params,
  coalesce(said.tags, '{}') AS tags
FROM run_keys keys
CROSS JOIN LATERAL (
  SELECT e.created_at FROM events e
  WHERE e.project = keys.project AND e.run_id = keys.run_id ORDER BY e.pos LIMIT 1
) AS first
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
LEFT JOIN LATERAL (
  SELECT e.kind, e.logs, e.created_at FROM events e
  WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.kind IN ('on_train_begin', 'on_train_end')
  ORDER BY e.seq DESC, e.pos DESC LIMIT 1
) AS turn ON true
LEFT JOIN LATERAL (
  SELECT make_interval(secs => least(greatest((e.logs ->> 'interval_s')::double precision, 0), 1e9)) AS interval FROM events e
  WHERE e.project = keys.project AND e.run_id = keys.run_id AND e.kind = 'heartbeat'
    AND jsonb_typeof(e.logs -> 'interval_s') = 'number'
  ORDER BY e.pos DESC LIMIT 1
) AS beat ON true
WHERE NOT EXISTS (SELECT FROM purged_runs p WHERE p.project = keys.project AND p.run_id = keys.run_id);

-- Who asked what of a run, when and why.
CREATE VIEW audit AS
SELECT project, run_id AS run, kind, actor, created_at AS ts, logs ->> 'reason' AS reason, logs, pos
FROM events WHERE actor IS NOT NULL;

-- The table of the paper, so that its own queries run unchanged.
CREATE VIEW raw_link AS
SELECT run_id AS id, kind AS description, created_at, logs, epoch
FROM events;

-- The last request to stop a run that it has not answered: neither ended nor begun anew since.
CREATE OR REPLACE FUNCTION pending_stop(of_project text, of_run text) RETURNS SETOF events
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT asked.* FROM (
    SELECT e.* FROM events e
    WHERE e.project = of_project AND e.run_id = of_run AND e.kind = 'stop_requested'
    ORDER BY e.pos DESC LIMIT 1
  ) AS asked
  WHERE NOT EXISTS (
    SELECT FROM events answer
    WHERE answer.project = of_project AND answer.run_id = of_run
      AND answer.kind IN ('on_train_begin', 'on_train_end') AND answer.pos > asked.pos
  );
END;
