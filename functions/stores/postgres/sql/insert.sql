-- Stores events. $1..$13: their columns, in key order; $14: each one's ordinal in the order of arrival;
-- $15: when it was received, null for now. Left as it is,
-- an event that stands there already fails the statement (unique_violation): looking for each of them first would
-- cost a fifth of the rate, and resends are rare.
INSERT INTO events (
  project, run_id, event_id, writer, seq, kind, actor, epoch, step, batch, created_at, sent_skew, logs, pos, received_at
)
SELECT
  i.project, i.run_id, i.event_id, i.writer,
  coalesce(i.seq, (extract(epoch FROM coalesce(i.created_at, now())) * 1000000)::bigint),
  i.kind, i.actor, i.epoch, i.step, i.batch,
  coalesce(i.created_at, now()), i.sent_skew, i.logs,
  (here.xid << 20) | i.ordinal, coalesce(i.received_at, now())
FROM
  (SELECT pg_current_xact_id()::text::bigint + o.xid_offset AS xid FROM log_origin o) AS here,
  unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::timestamptz[], $12::integer[], $13::jsonb[], $14::integer[],
    $15::timestamptz[]
  ) AS i (
    project, run_id, event_id, writer, seq, kind, actor,
    epoch, step, batch, created_at, sent_skew, logs, ordinal, received_at
  )
