-- Whole events of the log from position @after to before @before, of @project and @run or of all,
-- at most @limit. An event that stands there twice is the first of them: both were stored within
-- @twice_within, so that is how far back the other one is looked for.
SELECT
  e.pos AS "pos", e.project AS "project", e.run_id AS "run", e.event_id AS "id", e.writer AS "writer",
  e.seq AS "seq", e.kind AS "kind", e.actor AS "actor", e.epoch AS "epoch", e.step AS "step", e.batch AS "batch",
  DATE_PART(EPOCH_MICROSECOND, e.created_at) AS "created_at",
  DATE_PART(EPOCH_MICROSECOND, e.received_at) AS "received_at", e.sent_skew AS "sent_skew", e.logs_text AS "logs"
FROM (
  SELECT * FROM events
  WHERE pos >= CAST(@after AS NUMBER(19, 0)) - CAST(@twice_within AS NUMBER(19, 0))
    AND pos < CAST(@before AS NUMBER(19, 0))
    AND (CAST(@project AS VARCHAR) IS NULL OR project = @project)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, event_id ORDER BY pos) = 1
) e
WHERE e.pos >= CAST(@after AS NUMBER(19, 0)) AND (CAST(@run AS VARCHAR) IS NULL OR e.run_id = @run)
-- Events that share a position are never parted: the cursor could not say which of them was read.
QUALIFY RANK() OVER (ORDER BY e.pos) <= CAST(@limit AS NUMBER(19, 0))
ORDER BY e.pos
