-- Of events that were not all new: which this transaction ($16) stored, and which stood there with the same body.
SELECT
  i.ordinal,
  e.pos >> 20 IS NOT DISTINCT FROM $16::bigint AS stored_now,
  (e.run_id, e.writer, e.kind, e.actor, e.epoch, e.step, e.batch, e.logs)
    IS NOT DISTINCT FROM (i.run_id, i.writer, i.kind, i.actor, i.epoch, i.step, i.batch, i.logs)
    AND coalesce(i.seq, e.seq) = e.seq
    AND coalesce(i.created_at, e.created_at) = e.created_at AS same
FROM unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
  $8::bigint[], $9::bigint[], $10::bigint[], $11::timestamptz[], $12::integer[], $13::jsonb[], $14::integer[],
  $15::timestamptz[]
) AS i (
  project, run_id, event_id, writer, seq, kind, actor,
  epoch, step, batch, created_at, sent_skew, logs, ordinal, received_at
)
JOIN events e USING (project, event_id)
