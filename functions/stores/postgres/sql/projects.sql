-- Every project that has events, by leaps through the index.
WITH RECURSIVE leaps AS (
  (SELECT project FROM events ORDER BY project LIMIT 1)
  UNION ALL
  SELECT (SELECT e.project FROM events e WHERE e.project > leaps.project ORDER BY e.project LIMIT 1)
  FROM leaps WHERE leaps.project IS NOT NULL
)
SELECT project FROM leaps WHERE project IS NOT NULL
