-- Follows given-events.sql, whose events it stores. Left as it is, an event that stands there already
-- fails the statement (unique_violation): looking for each of them first would cost a fifth of the
-- rate, and resends are rare. A writer without a counter is ordered by arrival: its clock may go
-- back.
INSERT INTO events (
  project, run_id, event_id, writer, seq, kind, actor, epoch, step, batch, created_at, sent_skew, logs, pos, received_at
)
SELECT
  i.project, i.run_id, i.event_id, i.writer,
  coalesce(i.seq, (extract(epoch FROM coalesce(i.received_at, now())) * 1000000)::bigint),
  i.kind, i.actor, i.epoch, i.step, i.batch,
  coalesce(i.created_at, now()), i.sent_skew, i.logs,
  (here.xid << 20) | i.ordinal, coalesce(i.received_at, now())
FROM
  (SELECT pg_current_xact_id()::text::bigint + o.xid_offset AS xid FROM log_origin o) AS here,
  given AS i
