-- Events of project :1 after :2 and below the horizon :5, of the runs :3 (JSON) or of all where that is null, at most
-- :4. An event that stands there twice is the first of them: both were stored within :6, so that is how far back the
-- other one is looked for.
SELECT
  e.pos AS "pos", e.run_id AS "run", e.event_id AS "event_id", e.kind AS "kind", e.writer AS "writer",
  e.seq AS "seq", e.actor AS "actor", e.epoch AS "epoch", e.step AS "step", e.batch AS "batch",
  DATE_PART(EPOCH_MICROSECOND, e.created_at) AS "at", e.logs_text AS "logs"
FROM (
  SELECT * FROM events
  WHERE project = :1 AND pos >= CAST(:2 AS NUMBER(19, 0)) - CAST(:6 AS NUMBER(19, 0)) AND pos < CAST(:5 AS NUMBER(19, 0))
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, event_id ORDER BY pos) = 1
) e
WHERE e.pos >= CAST(:2 AS NUMBER(19, 0))
  AND (
    CAST(:3 AS VARCHAR) IS NULL
    OR e.run_id IN (SELECT CAST(f.value AS VARCHAR) FROM TABLE(FLATTEN(INPUT => PARSE_JSON(:3))) f)
  )
-- Events that share a position are never parted: the cursor could not say which of them was read.
QUALIFY RANK() OVER (ORDER BY e.pos) <= CAST(:4 AS NUMBER(19, 0))
ORDER BY e.pos
