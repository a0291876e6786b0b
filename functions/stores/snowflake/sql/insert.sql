-- Stores events: pages of them (@page and on), each a JSON array with an object an event. A writer
-- without a counter is ordered by arrival: its clock may go back.
INSERT INTO events (
  project, run_id, event_id, writer, seq, kind, actor, epoch, step, batch, created_at, sent_skew,
  logs, logs_text, numbers, pos, received_at
)
SELECT
  CAST(f.value:project AS VARCHAR), CAST(f.value:run AS VARCHAR), CAST(f.value:id AS VARCHAR),
  CAST(f.value:writer AS VARCHAR),
  COALESCE(
    CAST(f.value:seq AS NUMBER(19, 0)),
    DATE_PART(EPOCH_MICROSECOND, COALESCE(CAST(CAST(f.value:received_at AS VARCHAR) AS TIMESTAMP_NTZ(6)), SYSDATE()))
  ),
  CAST(f.value:kind AS VARCHAR),
  CAST(f.value:actor AS VARCHAR), CAST(f.value:epoch AS NUMBER(19, 0)), CAST(f.value:step AS NUMBER(19, 0)),
  CAST(f.value:batch AS NUMBER(19, 0)), CAST(CAST(f.value:created_at AS VARCHAR) AS TIMESTAMP_NTZ(6)),
  CAST(f.value:sent_skew AS NUMBER(10, 0)),
  PARSE_JSON(CAST(f.value:logs AS VARCHAR)), CAST(f.value:logs AS VARCHAR), f.value:numbers,
  (DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) - 1577836800000) * 4194304 + CAST(f.value:ordinal AS NUMBER(19, 0)),
  COALESCE(CAST(CAST(f.value:received_at AS VARCHAR) AS TIMESTAMP_NTZ(6)), SYSDATE())
FROM (SELECT CAST(@page AS VARCHAR) AS page) p, LATERAL FLATTEN(INPUT => PARSE_JSON(p.page)) f
