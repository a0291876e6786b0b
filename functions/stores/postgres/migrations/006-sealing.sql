-- Windows are added by a statement of their own, so what held the run from reading its events to writing them is held
-- here: the lock is that of an append, which a tombstone waits for and holds up, and what was read of a run before its
-- tombstone is not added after it.
CREATE OR REPLACE FUNCTION seal_window(
  of_project text, of_run text, from_pos bigint, upto bigint,
  kinds text[], events integer[], in_order boolean[], seq_lo bigint[], seq_hi bigint[],
  epoch_first double precision[], epoch_stride double precision[],
  step_first double precision[], step_stride double precision[],
  seqs bytea[], epochs bytea[], steps bytea[], times bytea[],
  chunk_kinds text[], keys text[], points integer[],
  firsts jsonb[], first_seqs bigint[], lasts jsonb[], last_seqs bigint[],
  lows double precision[], highs double precision[], rollups bytea[], ys bytea[], places bytea[]
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_temp AS $$
BEGIN
  IF upto > log_horizon() OR upto <= from_pos THEN RETURN false; END IF;
  LOCK TABLE integraviz.events IN ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM purged_runs p WHERE p.project = of_project AND p.run_id = of_run) THEN RETURN false; END IF;
  IF from_pos = 0 THEN
    INSERT INTO sealed (project, run_id, pos) VALUES (of_project, of_run, upto) ON CONFLICT DO NOTHING;
  ELSE
    UPDATE sealed s SET pos = upto
    WHERE s.project = of_project AND s.run_id = of_run AND s.pos = seal_window.from_pos;
  END IF;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO chunk_axes (
    project, run_id, from_pos, kind, events, in_order, seq_lo, seq_hi,
    epoch_first, epoch_stride, step_first, step_stride, seqs, epochs, steps, times
  )
  SELECT of_project, of_run, seal_window.from_pos, a.* FROM unnest(
    kinds, events, in_order, seq_lo, seq_hi, epoch_first, epoch_stride, step_first, step_stride,
    seqs, epochs, steps, times
  ) AS a;
  INSERT INTO chunks (
    project, run_id, from_pos, kind, key, points, first, first_seq, last, last_seq, low, high, rollups, y, places
  )
  SELECT of_project, of_run, seal_window.from_pos, c.* FROM unnest(
    chunk_kinds, keys, points, firsts, first_seqs, lasts, last_seqs, lows, highs, rollups, ys, places
  ) AS c;
  RETURN true;
END $$;
