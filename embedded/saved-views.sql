-- The saved views of @project: of each name the last, unless that takes it away.
SELECT v.name, v.view, v.actor, to_char(v.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
FROM (
  SELECT DISTINCT ON (logs ->> 'name') logs ->> 'name' AS name, logs ->> 'view' AS view, actor, ts, pos
  FROM audit
  WHERE project = @project AND kind = 'view_saved'
  ORDER BY logs ->> 'name', pos DESC
) AS v
WHERE v.view IS NOT NULL
ORDER BY v.pos DESC
LIMIT 500
