-- Metrics of the log once more, by column, so that a chart reads a few pages instead of every event. A window is a
-- stretch of the log of one run; its metrics are in chunks, in the log's order. Windows are only ever added, each where
-- the last one ended and below log_horizon(), so that whoever reads them needs no snapshot in common. All of it is
-- derived: with these tables empty every answer is the same. Columns are big-endian, as PostgreSQL's send functions
-- write them.

-- Where the tail of a run begins: all of its metrics below are in chunks, none of those from here on.
CREATE TABLE sealed (
  pos     bigint NOT NULL,
  project text COLLATE "C" NOT NULL,
  run_id  text COLLATE "C" NOT NULL,
  PRIMARY KEY (project, run_id)
);

-- What the metrics of one kind of event in a window share: an element an event.
CREATE TABLE chunk_axes (
  from_pos     bigint  NOT NULL,
  -- Late events and several writers make windows overlap; readers then merge them by seqs.
  seq_lo       bigint  NOT NULL,
  seq_hi       bigint  NOT NULL,
  -- An axis that rises evenly is kept as where it begins and by how much it rises, any other as doubles (NaN: none).
  epoch_first  double precision,
  epoch_stride double precision,
  step_first   double precision,
  step_stride  double precision,
  events       integer NOT NULL,
  -- seq never falls from one event to the next.
  in_order     boolean NOT NULL,
  project      text COLLATE "C" NOT NULL,
  run_id       text COLLATE "C" NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  seqs         bytea   NOT NULL,
  epochs       bytea,
  steps        bytea,
  -- ms since 1970.
  times        bytea   NOT NULL,
  PRIMARY KEY (project, run_id, kind, from_pos)
);

-- One key of those events' logs: an element a point.
CREATE TABLE chunks (
  from_pos  bigint  NOT NULL,
  -- Of the first and the last point in the writers' order.
  first_seq bigint  NOT NULL,
  last_seq  bigint  NOT NULL,
  -- Of the finite values.
  low       double precision,
  high      double precision,
  points    integer NOT NULL,
  project   text COLLATE "C" NOT NULL,
  run_id    text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  key       text COLLATE "C" NOT NULL,
  -- As they stand in the logs.
  first     jsonb   NOT NULL,
  last      jsonb   NOT NULL,
  -- For every 20 points the lowest value, the highest, and the 2-byte places of both, column by column. Only where
  -- every event has a finite value.
  rollups   bytea,
  -- Doubles.
  y         bytea   NOT NULL,
  -- 2-byte places of the events that the points belong to; null where every event has one.
  places    bytea
);
-- A key may be longer than an index takes.
CREATE INDEX chunks_by_key ON chunks (project, run_id, kind, left(key, 60), from_pos);

-- Noise does not compress, and trying costs more than the rest of sealing.
ALTER TABLE chunks ALTER y SET STORAGE EXTERNAL;
ALTER TABLE chunk_axes ALTER seqs SET STORAGE EXTERNAL, ALTER times SET STORAGE EXTERNAL;

-- Adds a window that begins where the run's last one ended, and moves the mark: all or nothing, and nothing where
-- another session has moved it in the meantime or where an event could still appear below upto. With the owner's
-- rights: whoever appends to the log may add a window, and can neither change nor remove one.
CREATE FUNCTION seal_window(
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
