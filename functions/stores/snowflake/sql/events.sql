-- Events of @project after @after and below the @end, of the @runs (JSON) or of all where that is
-- null, at most @limit, and no more once their logs come to @bytes. An event that stands there twice is the first of them: both were stored
-- within @twice_within, so that is how far back the other one is looked for.
SELECT
  e.pos AS "pos", e.run_id AS "run", e.event_id AS "event_id", e.kind AS "kind", e.writer AS "writer",
  e.seq AS "seq", e.actor AS "actor", e.epoch AS "epoch", e.step AS "step", e.batch AS "batch",
  DATE_PART(EPOCH_MICROSECOND, e.created_at) AS "at", e.logs_text AS "logs"
FROM (
  SELECT * FROM events
  WHERE project = @project
    AND pos >= CAST(@after AS NUMBER(19, 0)) - CAST(@twice_within AS NUMBER(19, 0)) AND pos < CAST(@end AS NUMBER(19, 0))
  QUALIFY ROW_NUMBER() OVER (PARTITION BY project, event_id ORDER BY pos) = 1
) e
WHERE e.pos >= CAST(@after AS NUMBER(19, 0))
  AND (
    CAST(@runs AS VARCHAR) IS NULL
    OR e.run_id IN (SELECT CAST(f.value AS VARCHAR) FROM TABLE(FLATTEN(INPUT => PARSE_JSON(@runs))) f)
  )
-- Events that share a position are never parted: the cursor could not say which of them was read.
QUALIFY RANK() OVER (ORDER BY e.pos) <= CAST(@limit AS NUMBER(19, 0))
  AND SUM(LENGTH(COALESCE(e.logs_text, ''))) OVER (ORDER BY e.pos)
    - SUM(LENGTH(COALESCE(e.logs_text, ''))) OVER (PARTITION BY e.pos) < CAST(@bytes AS NUMBER(19, 0))
ORDER BY e.pos
