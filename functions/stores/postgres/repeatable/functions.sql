-- Run again, with the two files after it, whenever one of them changes: what views and statements share.

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

-- The place in the log below which nothing new can appear: every older transaction has ended that could still append.
-- To be asked in a statement before the one that reads: only then has all that was let pass ended for it too. The order
-- of its three looks is what makes it right and keeps it from going back (docs/reads.md, "Where the log ends").
CREATE OR REPLACE FUNCTION log_horizon() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  WITH here AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
  open AS MATERIALIZED (SELECT x AS xid FROM here, pg_snapshot_xip(here.snapshot) AS x),
  held AS MATERIALIZED (
    SELECT l.virtualtransaction AS holder, l.locktype, l.transactionid, l.database, l.relation, l.mode
    FROM pg_locks l WHERE EXISTS (SELECT FROM open) AND l.locktype IN ('transactionid', 'relation') AND l.granted
  )
  SELECT ((least(
    pg_snapshot_xmax((SELECT snapshot FROM here))::text::bigint,
    (
      SELECT min(open.xid::text::bigint)
      FROM open
      LEFT JOIN held own
        ON own.locktype = 'transactionid' AND own.transactionid = open.xid::xid AND own.mode = 'ExclusiveLock'
      -- Whether one goes on is asked where the look at the locks has not found it: after that look, by that.
      WHERE CASE WHEN own.holder IS NULL THEN pg_xact_status(open.xid) = 'in progress' ELSE own.holder IN (
        SELECT appending.holder FROM held appending
        WHERE appending.relation = 'integraviz.events'::regclass AND appending.mode = 'RowExclusiveLock'
          AND appending.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      ) END
    )
  ) + (SELECT xid_offset FROM integraviz.log_origin)) << 20)
$$;

-- Events of a project from first_pos to before end_pos, of the runs or of all where that is null, at most as many, and no
-- more once their logs come to so many bytes. One after the other, so that text is made of the logs that are given alone:
-- making it of 2 MB takes 20 ms, and nothing tells its length before.
CREATE OR REPLACE FUNCTION events_page(
  of_project text, first_pos bigint, end_pos bigint, of_runs text[], most integer, bytes bigint
)
RETURNS TABLE (
  pos bigint, run text, event_id text, kind text, writer text, seq bigint, actor text, epoch bigint, step bigint,
  batch bigint, at double precision, logs text
)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  stored jsonb;
BEGIN
  FOR pos, run, event_id, kind, writer, seq, actor, epoch, step, batch, at, stored IN
    SELECT
      e.pos, e.run_id, e.event_id, e.kind, e.writer, e.seq, e.actor, e.epoch, e.step, e.batch,
      date_part('epoch', e.created_at) * 1000, e.logs
    FROM events e
    WHERE e.project = of_project AND e.pos >= first_pos AND e.pos < end_pos
      AND (of_runs IS NULL OR e.run_id = ANY (of_runs))
    ORDER BY e.pos
    LIMIT most
  LOOP
    logs := stored;
    RETURN NEXT;
    bytes := bytes - coalesce(octet_length(logs), 0);
    EXIT WHEN bytes <= 0;
  END LOOP;
END $$;

-- By its name; null where that says nothing. A low word counts before a high one (loss_iou), but not where an
-- accuracy is what is measured, or the word is a time or a cost before it (cost_sensitive_f1, not cost_per_f1).
CREATE OR REPLACE FUNCTION lower_is_better(metric text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN metric ~* '(^|[^a-z0-9])(acc|accuracy)$|(time|seconds|costs?)[^a-z](.*[^a-z0-9])?(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])' AND metric !~* '[^a-z0-9](per|to|at)[^a-z]' THEN false
  WHEN metric ~* '(loss|losses|errors?|errs?|mae|mse|mape|msle|perplexity|divergence|time|seconds|costs?|(^|[^a-z0-9])(wer|cer|eer|ppl|nll|bpb|bpc|bpd|fid|kid|kld?|brier|latency))($|[^a-z])' THEN true
  WHEN metric ~* '(^|[^a-z0-9])(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|score|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])' THEN false
END;

-- What is asked of a run and not answered: the last request to stop, and of the last 100 to adjust something the last
-- for each name, as every append asks for it. Its writers' beginnings and ends are answers, or a mark that it has ended; of several writers those that began before and
-- have not ended are still asked.
CREATE OR REPLACE FUNCTION pending_requests(of_project text, of_run text) RETURNS SETOF events
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT asked.* FROM (
    (
      SELECT e.* FROM events e
      WHERE e.project = of_project AND e.run_id = of_run AND e.kind = 'stop_requested' ORDER BY e.pos DESC LIMIT 1
    )
    UNION ALL
    (
      SELECT DISTINCT ON (latest.logs ->> 'name') latest.* FROM (
        SELECT e.* FROM events e
        WHERE e.project = of_project AND e.run_id = of_run AND e.kind = 'adjust_requested' ORDER BY e.pos DESC LIMIT 100
      ) AS latest
      ORDER BY latest.logs ->> 'name', latest.pos DESC
    )
  ) AS asked
  WHERE NOT EXISTS (
    SELECT FROM events answer
    WHERE answer.project = of_project AND answer.run_id = of_run
      AND answer.kind IN ('on_train_begin', 'on_train_end', 'end_marked') AND answer.pos > asked.pos
  ) OR (
    NOT EXISTS (
      SELECT FROM events mark
      WHERE mark.project = of_project AND mark.run_id = of_run AND mark.kind = 'end_marked' AND mark.pos > asked.pos
    )
    AND EXISTS (
      SELECT FROM (
        SELECT DISTINCT ON (e.writer)
          e.writer, e.kind, e.pos, max(e.pos) FILTER (WHERE e.kind = 'on_train_begin') OVER () AS last_begin
        FROM events e
        WHERE e.project = of_project AND e.run_id = of_run AND e.kind IN ('on_train_begin', 'on_train_end')
        ORDER BY e.writer, e.seq DESC, e.pos DESC
      ) AS turn
      WHERE turn.kind = 'on_train_begin' AND turn.pos < asked.pos AND (turn.pos = turn.last_begin OR EXISTS (
        SELECT FROM events e
        WHERE e.project = of_project AND e.run_id = of_run AND e.writer = turn.writer AND e.pos >= turn.last_begin
      ))
    )
  );
END;

-- For handlers of an older version, which ask while they are replaced.
CREATE OR REPLACE FUNCTION pending_stop(of_project text, of_run text) RETURNS SETOF events
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.* FROM pending_requests(of_project, of_run) AS p WHERE p.kind = 'stop_requested';
END;
