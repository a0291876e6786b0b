-- Waits for whoever seals run $2 of project $1, and keeps others from it until the transaction ends; see chunk-window.sql.
SELECT pg_advisory_xact_lock(hashtextextended($1 || E'\n' || $2, 2))
