-- Lines are made longer ten seconds after they last were, and when a run ends, not with each window: that took several
-- times as long as the window itself, and wrote all of the lines once more. What is in no line yet is read from its window.
ALTER TABLE chunk_lines ADD COLUMN lined bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN chunk_lines.lined IS 'Of so many points is the line.';
ALTER TABLE sealed
  -- Windows from here on are in no line.
  ADD COLUMN lined_pos bigint NOT NULL DEFAULT 0,
  ADD COLUMN lined_at timestamptz NOT NULL DEFAULT '-infinity';
UPDATE chunk_lines SET lined = points;
UPDATE sealed SET lined_pos = pos;

DROP TRIGGER chunks_added ON chunks;
DROP FUNCTION extend_lines();

-- What is known of keys altogether is right with each window, those of one.
CREATE FUNCTION note_chunks() RETURNS trigger LANGUAGE plpgsql SET search_path = integraviz, pg_temp AS $$
DECLARE
  due record;
BEGIN
  WITH known AS (
    SELECT c.*, l.row
    FROM added c
    LEFT JOIN LATERAL (
      SELECT k.ctid AS row FROM chunk_lines k
      WHERE k.project = c.project AND k.run_id = c.run_id AND k.kind = c.kind
        AND left(k.key, 60) = left(c.key, 60) AND k.key = c.key
      OFFSET 0
    ) AS l ON true
  ),
  longer AS (
    UPDATE chunk_lines l SET
      points = l.points + n.points, low = least(l.low, n.low), high = greatest(l.high, n.high),
      first = CASE WHEN n.first_seq < l.first_seq THEN n.first ELSE l.first END, first_seq = least(l.first_seq, n.first_seq),
      last = CASE WHEN n.last_seq >= l.last_seq THEN n.last ELSE l.last END, last_seq = greatest(l.last_seq, n.last_seq)
    FROM known n WHERE l.ctid = n.row
  )
  INSERT INTO chunk_lines (
    project, run_id, kind, key, from_pos, points, first, first_seq, last, last_seq, low, high, ns, ys, epochs, steps, times
  )
  SELECT
    project, run_id, kind, key, from_pos, points, first, first_seq, last, last_seq, low, high, '{}', '{}', '{}', '{}', '{}'
  FROM known WHERE row IS NULL;
  SELECT s.project, s.run_id INTO due FROM (SELECT project, run_id FROM added LIMIT 1) AS a JOIN sealed s USING (project, run_id)
  WHERE s.lined_at < clock_timestamp() - interval '10 seconds';
  IF FOUND THEN PERFORM extend_lines(due.project, due.run_id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER chunks_added AFTER INSERT ON chunks
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_chunks();
