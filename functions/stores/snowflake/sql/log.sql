-- Whole events of the log from position :1 to before :2, of project :3 and run :4 or of all, at most :5. An event that
-- stands there twice is the first of them: both were stored within :6, so that is how far back the other one is looked
-- for.
SELECT
  e.pos AS "pos", e.project AS "project", e.run_id AS "run", e.event_id AS "id", e.writer AS "writer",
  e.seq AS "seq", e.kind AS "kind", e.actor AS "actor", e.epoch AS "epoch", e.step AS "step", e.batch AS "batch",
  DATE_PART(EPOCH_MICROSECOND, e.created_at) AS "created_at",
  DATE_PART(EPOCH_MICROSECOND, e.received_at) AS "received_at", e.sent_skew AS "sent_skew", e.logs_text AS "logs"
FROM (
  SELECT * FROM events
  WHERE pos >= CAST(:1 AS NUMBER(19, 0)) - CAST(:6 AS NUMBER(19, 0)) AND pos < CAST(:2 AS NUMBER(19, 0))
    AND (CAST(:3 AS VARCHAR) IS NULL OR project = :3)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, event_id ORDER BY pos) = 1
) e
WHERE e.pos >= CAST(:1 AS NUMBER(19, 0)) AND (CAST(:4 AS VARCHAR) IS NULL OR e.run_id = :4)
-- Events that share a position are never parted: the cursor could not say which of them was read.
QUALIFY RANK() OVER (ORDER BY e.pos) <= CAST(:5 AS NUMBER(19, 0))
ORDER BY e.pos
