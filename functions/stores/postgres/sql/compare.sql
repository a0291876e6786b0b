-- Follows given-events.sql. Of events that were not all new: which this transaction (@transaction) stored, and which stood
-- there with the same body.
SELECT
  i.ordinal,
  e.pos >> 20 IS NOT DISTINCT FROM @transaction::bigint AS stored_now,
  (e.run_id, e.writer, e.kind, e.actor, e.epoch, e.step, e.batch, e.logs)
    IS NOT DISTINCT FROM (i.run_id, i.writer, i.kind, i.actor, i.epoch, i.step, i.batch, i.logs)
    AND coalesce(i.seq, e.seq) = e.seq
    AND coalesce(i.created_at, e.created_at) = e.created_at AS same
FROM given AS i
JOIN events e USING (project, event_id)
