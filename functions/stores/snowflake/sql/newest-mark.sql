-- The newest mark of an append. Answered from the table's metadata: no warehouse runs for it. Of events it would, where
-- a row access policy stands on them.
SELECT MAX(pos) AS "newest" FROM appends
