-- Run again whenever this file changes: all that is derived from the log. These views are the only thing that
-- dashboards and readers see. What a reader may see is granted by the deployment, on views that are yet to come.

-- Each event once, in its first body.
CREATE OR REPLACE VIEW event_log COPY GRANTS AS
SELECT * FROM events
QUALIFY ROW_NUMBER() OVER (PARTITION BY project, event_id ORDER BY pos) = 1;

CREATE OR REPLACE VIEW metrics COPY GRANTS AS
SELECT
  l.project,
  l.run_id AS run,
  IFF(l.prefix IS NULL, l.key, SUBSTR(l.key, LENGTH(l.prefix) + 2)) AS metric,
  CASE
    WHEN l.prefix IN ('val', 'eval') THEN 'validation'
    WHEN l.prefix IS NOT NULL THEN l.prefix
    WHEN l.kind = 'on_test_batch_end' THEN 'validation'
    ELSE 'train'
  END AS split,
  CASE l.kind WHEN 'on_epoch_end' THEN 'epoch' ELSE 'batch' END AS level,
  l.writer,
  l.epoch,
  l.step,
  l.seq,
  l.created_at AS ts,
  l.value,
  CASE l.value_text WHEN 'NaN' THEN 'nan' WHEN 'Infinity' THEN '+inf' WHEN '-Infinity' THEN '-inf' ELSE 'finite' END
    AS value_kind,
  l.value_text,
  l.pos,
  -- By its name; null where that says nothing. A low word counts before a high one (loss_iou), but not where
  -- an accuracy is what is measured, or the word is a time or a cost before it (cost_sensitive_f1, not cost_per_f1).
  CASE
    WHEN REGEXP_LIKE(
      l.key,
      '((.*[^a-z0-9])?(acc|accuracy)|.*(time|seconds|costs?)[^a-z](.*[^a-z0-9])?(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)([^a-z].*)?)',
      'is'
    )
      AND NOT REGEXP_LIKE(l.key, '.*[^a-z0-9](per|to|at)[^a-z].*', 'is') THEN FALSE
    WHEN REGEXP_LIKE(
      l.key,
      '(.*(loss|losses|errors?|errs?|mae|mse|mape|msle|perplexity|divergence|time|seconds|costs?)|(.*[^a-z0-9])?(wer|cer|eer|ppl|nll|bpb|bpc|bpd|fid|kid|kld?|brier|latency))([^a-z].*)?',
      'is'
    ) THEN TRUE
    WHEN REGEXP_LIKE(
      l.key,
      '(.*[^a-z0-9])?(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|score|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)([^a-z].*)?',
      'is'
    ) THEN FALSE
  END AS lower_is_better
FROM (
  SELECT
    t.*,
    CASE t.value_text
      WHEN 'Infinity' THEN CAST('inf' AS DOUBLE)
      WHEN '-Infinity' THEN CAST('-inf' AS DOUBLE)
      ELSE TRY_TO_DOUBLE(t.value_text)
    END AS value,
    IFF(
      REGEXP_LIKE(t.key, '(train|val|validation|eval|test)[_/].+', 's'), REGEXP_SUBSTR(t.key, '[a-z]+'), NULL
    ) AS prefix
  FROM (
    SELECT e.*, CAST(entry.value:key AS VARCHAR) AS key, CAST(entry.value:text AS VARCHAR) AS value_text
    FROM event_log e, LATERAL FLATTEN(INPUT => e.numbers) entry
    WHERE e.kind IN ('on_epoch_end', 'on_train_batch_end', 'on_test_batch_end')
  ) t
) l
WHERE l.value IS NOT NULL;

CREATE OR REPLACE VIEW latest_metrics COPY GRANTS AS
SELECT * FROM metrics
QUALIFY ROW_NUMBER() OVER (PARTITION BY project, run, metric, split, level ORDER BY seq DESC, pos DESC) = 1;

-- Which metrics runs have: what filters offer.
CREATE OR REPLACE VIEW metric_names COPY GRANTS AS
SELECT DISTINCT project, run, metric, split, level FROM metrics;

-- The lines of metrics: all points of a run, metric, split and level up to 500, of others those that a chart must not
-- lose: of 250 buckets the lowest, the highest and the first that is not finite, and the first and the last of all.
CREATE OR REPLACE VIEW metric_lines COPY GRANTS AS
SELECT b.project, b.run, b.metric, b.split, b.level, b.epoch, b.step, b.ts, b.value
FROM (
  SELECT n.*, n.nth * 250 - MOD(n.nth * 250, n.total) AS bucket
  FROM (
    SELECT
      m.*, m.value_kind = 'finite' AS is_finite,
      ROW_NUMBER() OVER (PARTITION BY m.project, m.run, m.metric, m.split, m.level ORDER BY m.seq, m.pos) - 1 AS nth,
      COUNT(*) OVER (PARTITION BY m.project, m.run, m.metric, m.split, m.level) AS total
    FROM metrics m
  ) n
) b
QUALIFY b.total <= 500
  OR b.nth = 0
  OR b.nth = b.total - 1
  OR ROW_NUMBER() OVER (
    PARTITION BY b.project, b.run, b.metric, b.split, b.level, b.bucket, b.is_finite
    ORDER BY IFF(b.is_finite, b.value, NULL), b.nth
  ) = 1
  OR ROW_NUMBER() OVER (
    PARTITION BY b.project, b.run, b.metric, b.split, b.level, b.bucket, b.is_finite
    ORDER BY IFF(b.is_finite, -b.value, NULL), b.nth
  ) = 1;

-- What a run says of a metric counts before its name does; the last word wins.
CREATE OR REPLACE VIEW run_summary COPY GRANTS AS
WITH defined AS (
  SELECT
    project, run_id AS run, CAST(logs:metric AS VARCHAR) AS metric, CAST(logs:best AS VARCHAR) = 'min' AS is_low
  FROM event_log
  WHERE kind = 'define' AND CAST(logs:best AS VARCHAR) IN ('min', 'max')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, run_id, CAST(logs:metric AS VARCHAR) ORDER BY seq DESC, pos DESC) = 1
)
SELECT
  m.project, m.run, m.metric, m.split, m.level,
  COUNT(*) AS points,
  MAX(IFF(m.nth = 1, m.value, NULL)) AS first,
  MAX(IFF(m.nth = 1, m.value_text, NULL)) AS first_text,
  MAX(IFF(m.nth_last = 1, m.value, NULL)) AS last,
  MAX(IFF(m.nth_last = 1, m.value_text, NULL)) AS last_text,
  CASE
    WHEN m.lower_is_better THEN MIN(IFF(m.value_kind = 'finite', m.value, NULL))
    WHEN NOT m.lower_is_better THEN MAX(IFF(m.value_kind = 'finite', m.value, NULL))
  END AS best,
  MIN(IFF(m.value_kind = 'finite', m.value, NULL)) AS min,
  MAX(IFF(m.value_kind = 'finite', m.value, NULL)) AS max,
  m.lower_is_better
FROM (
  SELECT
    n.project, n.run, n.metric, n.split, n.level, n.value, n.value_kind, n.value_text,
    COALESCE(d.is_low, n.lower_is_better) AS lower_is_better,
    ROW_NUMBER() OVER (PARTITION BY n.project, n.run, n.metric, n.split, n.level ORDER BY n.seq, n.pos) AS nth,
    ROW_NUMBER() OVER (PARTITION BY n.project, n.run, n.metric, n.split, n.level ORDER BY n.seq DESC, n.pos DESC)
      AS nth_last
  FROM metrics n
  LEFT JOIN defined d ON d.project = n.project AND d.run = n.run AND d.metric = n.metric
) m
GROUP BY m.project, m.run, m.metric, m.split, m.level, m.lower_is_better;

-- Every run and what is derived of it.
CREATE OR REPLACE VIEW runs COPY GRANTS AS
WITH ends AS (
  SELECT
    project, run_id,
    MIN_BY(created_at, pos) AS started_at,
    MAX_BY(received_at, pos) AS last_event_at,
    MAX(IFF(actor IS NULL, pos, NULL)) AS last_said,
    MAX(IFF(kind = 'on_train_begin', pos, NULL)) AS last_begin,
    -- That someone marked it as ended.
    MAX(IFF(kind = 'end_marked', pos, NULL)) AS marked,
    MAX_BY(created_at, IFF(kind = 'end_marked', pos, NULL)) AS marked_at,
    MAX_BY(COALESCE(CAST(logs:status AS VARCHAR), ''), IFF(kind = 'end_marked', pos, NULL)) AS marked_status
  FROM event_log GROUP BY project, run_id
  -- A run that was purged, where this log was copied from.
  HAVING NOT BOOLOR_AGG(kind = 'purge')
),
said AS (
  -- The last value of each key wins; null removes it.
  SELECT
    latest.project, latest.run_id,
    OBJECT_AGG(IFF(latest.kind = 'params', latest.key, NULL), latest.value) AS params,
    OBJECT_AGG(IFF(latest.kind = 'tags', latest.key, NULL), latest.value) AS tags
  FROM (
    SELECT e.project, e.run_id, e.kind, entry.key AS key, entry.value AS value
    FROM event_log e, LATERAL FLATTEN(INPUT => e.logs) entry
    WHERE e.kind IN ('params', 'tags')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY e.project, e.run_id, e.kind, entry.key ORDER BY e.seq DESC, e.pos DESC) = 1
  ) latest
  WHERE NOT IS_NULL_VALUE(latest.value)
  GROUP BY latest.project, latest.run_id
),
-- Each writer has its own beginning and end, in the order of its own counter; the last one to end ends the run. One that
-- has not ended and says nothing any more once another has begun was resumed by it.
turn AS (
  SELECT
    t.project, t.run_id,
    BOOLOR_AGG(t.kind = 'on_train_end')
      AND NOT BOOLOR_AGG(t.kind = 'on_train_begin' AND t.writer_last >= ends.last_begin) AS has_ended,
    MAX_BY(t.created_at, IFF(t.kind = 'on_train_end', t.pos, NULL)) AS ended_at,
    MAX_BY(t.status, IFF(t.kind = 'on_train_end', t.pos, NULL)) AS status
  FROM (
    SELECT
      w.project, w.run_id, w.kind, w.pos, w.created_at, w.writer_last,
      COALESCE(CAST(w.logs:status AS VARCHAR), '') AS status
    FROM (
      SELECT e.*, MAX(e.pos) OVER (PARTITION BY e.project, e.run_id, e.writer) AS writer_last FROM event_log e
    ) w
    WHERE w.kind IN ('on_train_begin', 'on_train_end')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY w.project, w.run_id, w.writer ORDER BY w.seq DESC, w.pos DESC) = 1
  ) t
  JOIN ends ON ends.project = t.project AND ends.run_id = t.run_id
  GROUP BY t.project, t.run_id
),
-- Of the last 20 events that a run sent: the last one, and the longest pause in µs.
heard AS (
  SELECT p.project, p.run_id, MAX(p.received_at) AS last_at, MAX(IFF(p.nth < 20, p.pause, NULL)) AS pause
  FROM (
    SELECT
      project, run_id, received_at,
      DATEDIFF(
        'microsecond', LAG(received_at) OVER (PARTITION BY project, run_id ORDER BY pos), received_at
      ) AS pause,
      ROW_NUMBER() OVER (PARTITION BY project, run_id ORDER BY pos DESC) AS nth
    FROM event_log WHERE actor IS NULL
  ) p
  WHERE p.nth <= 20
  GROUP BY p.project, p.run_id
),
beat AS (
  SELECT project, run_id, LEAST(GREATEST(TRY_TO_DOUBLE(TO_JSON(logs:interval_s)), 0), 1e9) AS seconds
  FROM event_log WHERE kind = 'heartbeat' AND TRY_TO_DOUBLE(TO_JSON(logs:interval_s)) IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, run_id ORDER BY pos DESC) = 1
)
SELECT
  ends.project,
  ends.run_id AS run,
  COALESCE(NULLIF(CAST(said.tags:name AS VARCHAR), ''), ends.run_id) AS name,
  CASE
    -- Unless it has said something since.
    WHEN ends.marked >= COALESCE(ends.last_said, 0)
      THEN IFF(ends.marked_status IN ('finished', 'failed'), ends.marked_status, 'stopped')
    WHEN turn.has_ended THEN IFF(turn.status IN ('failed', 'stopped'), turn.status, 'finished')
    WHEN DATEDIFF('microsecond', ends.last_event_at, SYSDATE()) > 3e6 * beat.seconds THEN 'lost'
    -- Without heartbeats: silent for an hour and for ten times the longest pause before its last 20 events.
    WHEN beat.seconds IS NULL
      AND DATEDIFF('microsecond', heard.last_at, SYSDATE()) > GREATEST(3.6e9, 10 * COALESCE(heard.pause, 0)) THEN 'lost'
    ELSE 'running'
  END AS state,
  ends.started_at,
  CASE
    WHEN ends.marked >= COALESCE(ends.last_said, 0) THEN ends.marked_at
    WHEN turn.has_ended THEN turn.ended_at
  END AS ended_at,
  ends.last_event_at,
  CAST(said.tags:note AS VARCHAR) AS note,
  COALESCE(TO_JSON(said.tags:archived) = 'true', FALSE) AS archived,
  COALESCE(said.params, OBJECT_CONSTRUCT()) AS params,
  COALESCE(said.tags, OBJECT_CONSTRUCT()) AS tags
FROM ends
LEFT JOIN said ON said.project = ends.project AND said.run_id = ends.run_id
LEFT JOIN turn ON turn.project = ends.project AND turn.run_id = ends.run_id
LEFT JOIN beat ON beat.project = ends.project AND beat.run_id = ends.run_id
LEFT JOIN heard ON heard.project = ends.project AND heard.run_id = ends.run_id;

-- Who asked what of a run, when and why.
CREATE OR REPLACE VIEW audit COPY GRANTS AS
SELECT
  project, run_id AS run, kind, actor, created_at AS ts, CAST(logs:reason AS VARCHAR) AS reason, logs, pos
FROM event_log WHERE actor IS NOT NULL;

-- The table of the paper, so that its own queries run unchanged.
CREATE OR REPLACE VIEW raw_link COPY GRANTS AS
SELECT run_id AS id, kind AS description, created_at, logs, epoch
FROM event_log;
