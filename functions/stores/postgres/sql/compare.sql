-- Of events that were not all new: which this transaction (@transaction) stored, and which stood
-- there with the same body.
SELECT
  i.ordinal,
  e.pos >> 20 IS NOT DISTINCT FROM @transaction::bigint AS stored_now,
  (e.run_id, e.writer, e.kind, e.actor, e.epoch, e.step, e.batch, e.logs)
    IS NOT DISTINCT FROM (i.run_id, i.writer, i.kind, i.actor, i.epoch, i.step, i.batch, i.logs)
    AND coalesce(i.seq, e.seq) = e.seq
    AND coalesce(i.created_at, e.created_at) = e.created_at AS same
FROM unnest(
  @project::text[], @run::text[], @event_id::text[], @writer::text[], @seq::bigint[], @kind::text[], @actor::text[],
  @epoch::bigint[], @step::bigint[], @batch::bigint[], @created_at::timestamptz[], @sent_skew::integer[],
  @logs::jsonb[], @ordinal::integer[],
  @received_at::timestamptz[]
) AS i (
  project, run_id, event_id, writer, seq, kind, actor,
  epoch, step, batch, created_at, sent_skew, logs, ordinal, received_at
)
JOIN events e USING (project, event_id)
