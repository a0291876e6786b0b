-- The newest place in the log. Answered from the table's metadata: no warehouse runs for it.
SELECT MAX(pos) AS "head" FROM events
