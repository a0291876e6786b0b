-- The first event of each run, so that a page of a list costs the same however many runs there are. Whatever stores an
-- event sees to it, in its own transaction. Transactions that begin a run at the same time do not wait for each other:
-- each leaves a row, of which that of the lowest position counts.
CREATE TABLE run_starts (
  pos        bigint      NOT NULL,
  started_at timestamptz NOT NULL,
  project    text COLLATE "C" NOT NULL,
  run_id     text COLLATE "C" NOT NULL,
  PRIMARY KEY (project, run_id, pos)
);
CREATE INDEX run_starts_newest ON run_starts (project, started_at DESC, run_id);

-- With the owner's rights: whoever appends can neither change nor remove a run. A plan is kept from when the table was
-- small, so it has to be that of a large one.
CREATE FUNCTION note_run_starts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_temp SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO run_starts (project, run_id, pos, started_at)
  SELECT e.project, e.run_id, e.pos, e.created_at
  FROM (
    SELECT DISTINCT ON (a.project, a.run_id) a.project, a.run_id, a.pos, a.created_at
    FROM added AS a ORDER BY a.project, a.run_id, a.pos
  ) AS e
  WHERE NOT EXISTS (
    SELECT FROM run_starts s WHERE s.project = e.project AND s.run_id = e.run_id AND s.pos < e.pos OFFSET 0
  );
  RETURN NULL;
END $$;
-- This holds up new events until those that stand there are looked through.
CREATE TRIGGER events_run_starts AFTER INSERT ON events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION note_run_starts();

-- Their runs are found by leaping from one to the next in the index.
INSERT INTO run_starts (project, run_id, pos, started_at)
WITH RECURSIVE leaps AS (
  (SELECT e.project, e.run_id, e.pos, e.created_at FROM events e ORDER BY e.project, e.run_id, e.pos LIMIT 1)
  UNION ALL
  SELECT next.project, next.run_id, next.pos, next.created_at
  FROM leaps CROSS JOIN LATERAL (
    SELECT e.project, e.run_id, e.pos, e.created_at FROM events e
    WHERE (e.project, e.run_id) > (leaps.project, leaps.run_id) ORDER BY e.project, e.run_id, e.pos LIMIT 1
  ) AS next
)
SELECT project, run_id, pos, created_at FROM leaps;
