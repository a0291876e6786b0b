-- Every project that has events.
SELECT DISTINCT project AS "project" FROM events ORDER BY project
