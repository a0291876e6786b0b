-- Stores events, one a row of binds: ?1 to ?13 their columns, ?14 each one's place within the ms, ?15 when
-- it was received, null for now.
INSERT INTO events (
  project, run_id, event_id, writer, seq, kind, actor, epoch, step, batch, created_at, sent_skew, logs, pos, received_at
)
SELECT
  ?, ?, ?, ?, CAST(? AS NUMBER(19, 0)), ?, ?,
  CAST(? AS NUMBER(19, 0)), CAST(? AS NUMBER(19, 0)), CAST(? AS NUMBER(19, 0)),
  CAST(? AS TIMESTAMP_NTZ(6)), CAST(? AS NUMBER(10, 0)), PARSE_JSON(?),
  (DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) - 1577836800000) * 4194304 + CAST(? AS NUMBER(19, 0)),
  COALESCE(CAST(? AS TIMESTAMP_NTZ(6)), SYSDATE())
