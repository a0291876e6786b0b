-- Windows know who wrote their events, so that lines of several writers are told apart without the log. Both are null in
-- those of before: nobody knows it of them.
ALTER TABLE chunk_axes
  -- Of all of these events, where it is one.
  ADD COLUMN writer text COLLATE "C",
  -- Of each event, as an array, where they are several.
  ADD COLUMN writers jsonb;

DROP FUNCTION seal_window;
-- As it was, with the writers.
CREATE FUNCTION seal_window(
  of_project text, of_run text, from_pos bigint, upto bigint,
  kinds text[], events integer[], in_order boolean[], seq_lo bigint[], seq_hi bigint[],
  epoch_first double precision[], epoch_stride double precision[],
  step_first double precision[], step_stride double precision[],
  seqs bytea[], epochs bytea[], steps bytea[], times bytea[],
  writer text[], writers jsonb[], chunk_kinds text[], keys text[], points integer[],
  firsts jsonb[], first_seqs bigint[], lasts jsonb[], last_seqs bigint[],
  lows double precision[], highs double precision[], rollups bytea[], ys bytea[], places bytea[]
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_temp AS $$
BEGIN
  IF upto > log_horizon() OR upto <= from_pos THEN RETURN false; END IF;
  IF from_pos = 0 THEN
    INSERT INTO sealed (project, run_id, pos) VALUES (of_project, of_run, upto) ON CONFLICT DO NOTHING;
  ELSE
    UPDATE sealed s SET pos = upto
    WHERE s.project = of_project AND s.run_id = of_run AND s.pos = seal_window.from_pos;
  END IF;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO chunk_axes (
    project, run_id, from_pos, kind, events, in_order, seq_lo, seq_hi,
    epoch_first, epoch_stride, step_first, step_stride, seqs, epochs, steps, times, writer, writers
  )
  SELECT of_project, of_run, seal_window.from_pos, a.* FROM unnest(
    kinds, events, in_order, seq_lo, seq_hi, epoch_first, epoch_stride, step_first, step_stride,
    seqs, epochs, steps, times, seal_window.writer, seal_window.writers
  ) AS a;
  INSERT INTO chunks (
    project, run_id, from_pos, kind, key, points, first, first_seq, last, last_seq, low, high, rollups, y, places
  )
  SELECT of_project, of_run, seal_window.from_pos, c.* FROM unnest(
    chunk_kinds, keys, points, firsts, first_seqs, lasts, last_seqs, lows, highs, rollups, ys, places
  ) AS c;
  RETURN true;
END $$;
