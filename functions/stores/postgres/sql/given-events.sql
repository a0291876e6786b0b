-- The events that a statement is given: @project..@logs, their columns, in key order; @ordinal, each
-- one's ordinal in the order of arrival; @received_at, when it was received, null for now.
SELECT *
FROM unnest(
  @project::text[], @run::text[], @event_id::text[], @writer::text[], @seq::bigint[], @kind::text[], @actor::text[],
  @epoch::bigint[], @step::bigint[], @batch::bigint[], @created_at::timestamptz[], @sent_skew::integer[],
  @logs::jsonb[], @ordinal::integer[],
  @received_at::timestamptz[]
) AS given (
  project, run_id, event_id, writer, seq, kind, actor,
  epoch, step, batch, created_at, sent_skew, logs, ordinal, received_at
)
