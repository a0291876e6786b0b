-- Run again whenever this file changes: all that is derived from the log. These views are the only thing that
-- dashboards and readers see.

-- Every event once: of several rows with one identity the first counts.
CREATE OR REPLACE VIEW integraviz_views.log AS
SELECT e.*, UNIX_MICROS(e.received_at) AS pos
FROM integraviz_events.events AS e
WHERE e.received_at >= TIMESTAMP '1970-01-01 00:00:00+00'
QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.event_id ORDER BY e.received_at) = 1;

CREATE OR REPLACE VIEW integraviz_views.metrics AS
SELECT
  l.project,
  l.run_id AS run,
  IF(
    REGEXP_CONTAINS(entry.key, r'(?s)^(train|val|validation|eval|test)[_/].'),
    REGEXP_REPLACE(entry.key, r'^[a-z]+[_/]', ''),
    entry.key
  ) AS metric,
  CASE
    WHEN REGEXP_CONTAINS(entry.key, r'(?s)^(val|validation|eval)[_/].') THEN 'validation'
    WHEN REGEXP_CONTAINS(entry.key, r'(?s)^test[_/].') THEN 'test'
    WHEN REGEXP_CONTAINS(entry.key, r'(?s)^train[_/].') THEN 'train'
    WHEN l.kind = 'on_test_batch_end' THEN 'validation'
    ELSE 'train'
  END AS split,
  IF(l.kind = 'on_epoch_end', 'epoch', 'batch') AS level,
  l.writer,
  l.epoch,
  l.step,
  l.seq,
  l.created_at AS ts,
  entry.value,
  CASE
    WHEN IS_NAN(entry.value) THEN 'nan'
    WHEN IS_INF(entry.value) AND entry.value > 0 THEN '+inf'
    WHEN IS_INF(entry.value) THEN '-inf'
    ELSE 'finite'
  END AS value_kind,
  entry.text AS value_text,
  l.pos,
  -- By its name; null where that says nothing. A low word counts before a high one (loss_iou), but not where
  -- an accuracy is what is measured, or the word is a time or a cost before it (cost_sensitive_f1, not cost_per_f1).
  CASE
    WHEN REGEXP_CONTAINS(
      entry.key,
      r'(?is)(^|[^a-z0-9])(acc|accuracy)$|(time|seconds|costs?)[^a-z](.*[^a-z0-9])?(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])'
    )
      AND NOT REGEXP_CONTAINS(entry.key, r'(?i)[^a-z0-9](per|to|at)[^a-z]') THEN FALSE
    WHEN REGEXP_CONTAINS(
      entry.key,
      r'(?is)(loss|losses|errors?|errs?|mae|mse|mape|msle|perplexity|divergence|time|seconds|costs?|(^|[^a-z0-9])(wer|cer|eer|ppl|nll|bpb|bpc|bpd|fid|kid|kld?|brier|latency))($|[^a-z])'
    ) THEN TRUE
    WHEN REGEXP_CONTAINS(
      entry.key,
      r'(?is)(^|[^a-z0-9])(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|score|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])'
    ) THEN FALSE
  END AS lower_is_better
FROM integraviz_views.log AS l
CROSS JOIN UNNEST(l.entries) AS entry
WHERE l.kind IN ('on_epoch_end', 'on_train_batch_end', 'on_test_batch_end');

CREATE OR REPLACE VIEW integraviz_views.latest_metrics AS
SELECT *
FROM integraviz_views.metrics
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY project, run, metric, split, level ORDER BY seq DESC, pos DESC) = 1;

-- Which metrics runs have: what filters offer.
CREATE OR REPLACE VIEW integraviz_views.metric_names AS
SELECT DISTINCT project, run, metric, split, level
FROM integraviz_views.metrics;

-- The lines of metrics: all points of a run, metric, split and level up to 500, of others those that a chart must not
-- lose: of 250 buckets the lowest, the highest and the first that is not finite, and the first and the last of all.
CREATE OR REPLACE VIEW integraviz_views.metric_lines AS
WITH numbered AS (
  SELECT
    project, run, metric, split, level, epoch, step, ts, value, value_kind = 'finite' AS is_finite,
    ROW_NUMBER() OVER (PARTITION BY project, run, metric, split, level ORDER BY seq, pos) - 1 AS nth,
    COUNT(*) OVER (PARTITION BY project, run, metric, split, level) AS total
  FROM integraviz_views.metrics
)
SELECT project, run, metric, split, level, epoch, step, ts, value
FROM numbered
WHERE TRUE
QUALIFY total <= 500
  OR nth = 0
  OR nth = total - 1
  OR ROW_NUMBER() OVER (
    PARTITION BY project, run, metric, split, level, DIV(nth * 250, total), is_finite
    ORDER BY IF(is_finite, value, NULL), nth
  ) = 1
  OR ROW_NUMBER() OVER (
    PARTITION BY project, run, metric, split, level, DIV(nth * 250, total), is_finite
    ORDER BY IF(is_finite, -value, NULL), nth
  ) = 1;

-- What a run says of a metric counts before its name does; the last word wins.
CREATE OR REPLACE VIEW integraviz_views.run_summary AS
WITH defined AS (
  SELECT project, run_id AS run, JSON_VALUE(logs, '$.metric') AS metric, JSON_VALUE(logs, '$.best') = 'min' AS is_low
  FROM integraviz_views.log
  WHERE kind = 'define' AND JSON_VALUE(logs, '$.best') IN ('min', 'max')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, run, metric ORDER BY seq DESC, pos DESC) = 1
),
judged AS (
  SELECT
    m.* EXCEPT (lower_is_better), COALESCE(d.is_low, m.lower_is_better) AS lower_is_better
  FROM integraviz_views.metrics AS m
  LEFT JOIN defined AS d ON d.project = m.project AND d.run = m.run AND d.metric = m.metric
)
SELECT
  project, run, metric, split, level,
  COUNT(*) AS points,
  ARRAY_AGG(value ORDER BY seq, pos LIMIT 1)[OFFSET(0)] AS first,
  ARRAY_AGG(value_text ORDER BY seq, pos LIMIT 1)[OFFSET(0)] AS first_text,
  ARRAY_AGG(value ORDER BY seq DESC, pos DESC LIMIT 1)[OFFSET(0)] AS last,
  ARRAY_AGG(value_text ORDER BY seq DESC, pos DESC LIMIT 1)[OFFSET(0)] AS last_text,
  CASE
    WHEN lower_is_better THEN MIN(IF(value_kind = 'finite', value, NULL))
    WHEN NOT lower_is_better THEN MAX(IF(value_kind = 'finite', value, NULL))
  END AS best,
  MIN(IF(value_kind = 'finite', value, NULL)) AS min,
  MAX(IF(value_kind = 'finite', value, NULL)) AS max,
  lower_is_better
FROM judged
GROUP BY project, run, metric, split, level, lower_is_better;

-- Every run and what is derived of it.
CREATE OR REPLACE VIEW integraviz_views.runs AS
WITH marked AS (
  SELECT
    project, run_id, kind, writer, actor, seq, pos, created_at, COALESCE(first_received_at, received_at) AS received_at,
    IF(kind IN ('on_train_end', 'end_marked'), JSON_VALUE(logs, '$.status'), NULL) AS status,
    IF(kind = 'heartbeat', (SELECT MAX(n.value) FROM UNNEST(entries) AS n WHERE n.key = 'interval_s'), NULL) AS beat
  FROM integraviz_views.log
),
keys AS (
  SELECT
    project, run_id,
    ARRAY_AGG(created_at ORDER BY pos LIMIT 1)[OFFSET(0)] AS started_at,
    MAX(received_at) AS last_event_at,
    MAX(IF(actor IS NULL, pos, NULL)) AS last_said,
    MAX(IF(kind = 'on_train_begin', pos, NULL)) AS last_begin,
    -- That someone marked it as ended.
    ARRAY_AGG(
      STRUCT(IF(kind = 'end_marked', pos, NULL) AS pos, status, created_at) ORDER BY kind = 'end_marked' DESC, pos DESC LIMIT 1
    )[OFFSET(0)] AS marked,
    ARRAY_AGG(STRUCT(beat) ORDER BY beat IS NULL, pos DESC LIMIT 1)[OFFSET(0)] AS heard
  FROM marked
  GROUP BY project, run_id
  -- A run that was purged, where this log was copied from.
  HAVING NOT LOGICAL_OR(kind = 'purge')
),
-- Each writer has its own beginning and end, in the order of its own counter; the last one to end ends the run. One that
-- has not ended and says nothing any more once another has begun was resumed by it.
turns AS (
  SELECT w.project, w.run_id, w.kind, w.pos, w.created_at, w.status, w.writer_last
  FROM (
    SELECT m.*, MAX(m.pos) OVER (PARTITION BY m.project, m.run_id, m.writer) AS writer_last FROM marked AS m
  ) AS w
  WHERE w.kind IN ('on_train_begin', 'on_train_end')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY w.project, w.run_id, w.writer ORDER BY w.seq DESC, w.pos DESC) = 1
),
turn AS (
  SELECT
    t.project, t.run_id,
    LOGICAL_OR(t.kind = 'on_train_end')
      AND NOT LOGICAL_OR(t.kind = 'on_train_begin' AND t.writer_last >= b.last_begin) AS has_ended,
    ARRAY_AGG(STRUCT(t.status, t.created_at) ORDER BY t.kind = 'on_train_end' DESC, t.pos DESC LIMIT 1)[OFFSET(0)] AS last
  FROM turns AS t
  JOIN keys AS b ON b.project = t.project AND b.run_id = t.run_id
  GROUP BY t.project, t.run_id
),
-- Of the last 20 events that a run sent: the last one, and the longest pause in µs.
heard AS (
  SELECT p.project, p.run_id, MAX(p.at) AS last_at, MAX(IF(p.nth < 20, p.pause, NULL)) AS pause
  FROM (
    SELECT
      project, run_id, UNIX_MICROS(received_at) AS at,
      UNIX_MICROS(received_at) - LAG(UNIX_MICROS(received_at)) OVER (PARTITION BY project, run_id ORDER BY pos) AS pause,
      ROW_NUMBER() OVER (PARTITION BY project, run_id ORDER BY pos DESC) AS nth
    FROM marked WHERE actor IS NULL
  ) AS p
  WHERE p.nth <= 20
  GROUP BY p.project, p.run_id
),
-- The last value of each key wins; null removes it.
latest AS (
  SELECT l.project, l.run_id, l.kind, entry.key, entry.text
  FROM integraviz_views.log AS l
  CROSS JOIN UNNEST(l.entries) AS entry
  WHERE l.kind IN ('params', 'tags')
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY l.project, l.run_id, l.kind, entry.key ORDER BY l.seq DESC, l.pos DESC
  ) = 1
),
noted AS (
  SELECT
    project, run_id,
    STRING_AGG(IF(kind = 'params', CONCAT(TO_JSON_STRING(key), ':', text), NULL), ',') AS params,
    STRING_AGG(IF(kind = 'tags', CONCAT(TO_JSON_STRING(key), ':', text), NULL), ',') AS tags,
    NULLIF(MAX(IF(kind = 'tags' AND key = 'name', JSON_VALUE(text, '$'), NULL)), '') AS name,
    MAX(IF(kind = 'tags' AND key = 'note', JSON_VALUE(text, '$'), NULL)) AS note,
    MAX(IF(kind = 'tags' AND key = 'archived', text, NULL)) AS archived
  FROM latest
  WHERE text != 'null'
  GROUP BY project, run_id
)
SELECT
  k.project,
  k.run_id AS run,
  COALESCE(n.name, k.run_id) AS name,
  CASE
    -- Unless it has said something since.
    WHEN k.marked.pos >= COALESCE(k.last_said, 0)
      THEN IF(k.marked.status IN ('finished', 'failed'), k.marked.status, 'stopped')
    WHEN t.has_ended THEN IF(t.last.status IN ('failed', 'stopped'), t.last.status, 'finished')
    WHEN UNIX_MICROS(k.last_event_at) + CAST(3e6 * LEAST(GREATEST(k.heard.beat, 0), 1e9) AS INT64)
      < UNIX_MICROS(CURRENT_TIMESTAMP()) THEN 'lost'
    -- Without heartbeats: silent for an hour and for ten times the longest pause before its last 20 events.
    WHEN k.heard.beat IS NULL AND h.last_at + GREATEST(3600000000, 10 * COALESCE(h.pause, 0))
      < UNIX_MICROS(CURRENT_TIMESTAMP()) THEN 'lost'
    ELSE 'running'
  END AS state,
  k.started_at,
  CASE
    WHEN k.marked.pos >= COALESCE(k.last_said, 0) THEN k.marked.created_at
    WHEN t.has_ended THEN t.last.created_at
  END AS ended_at,
  k.last_event_at,
  n.note,
  COALESCE(n.archived = 'true', FALSE) AS archived,
  -- One number that JSON has no double for would fail the whole list; every text here is a double's.
  PARSE_JSON(CONCAT('{', COALESCE(n.params, ''), '}'), wide_number_mode => 'round') AS params,
  PARSE_JSON(CONCAT('{', COALESCE(n.tags, ''), '}'), wide_number_mode => 'round') AS tags
FROM keys AS k
LEFT JOIN noted AS n ON n.project = k.project AND n.run_id = k.run_id
LEFT JOIN turn AS t ON t.project = k.project AND t.run_id = k.run_id
LEFT JOIN heard AS h ON h.project = k.project AND h.run_id = k.run_id;

-- Who asked what of a run, when and why.
CREATE OR REPLACE VIEW integraviz_views.audit AS
SELECT project, run_id AS run, kind, actor, created_at AS ts, JSON_VALUE(logs, '$.reason') AS reason, logs, pos
FROM integraviz_views.log
WHERE actor IS NOT NULL;

-- The table of the paper, so that its own queries run unchanged.
CREATE OR REPLACE VIEW integraviz_views.raw_link AS
SELECT run_id AS id, kind AS description, created_at, logs, epoch
FROM integraviz_views.log;
