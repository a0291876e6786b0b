-- The log: append-only, one row an event. Fixed-width columns first, so that no row is padded.
CREATE TABLE events (
  -- The server's order. The high 43 bits are the transaction, the low 20 the place within it, so that a reader who
  -- stops below the oldest open transaction can never skip a row that commits late.
  pos         bigint      NOT NULL,
  seq         bigint      NOT NULL,
  created_at  timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  epoch       bigint,
  step        bigint,
  batch       bigint,
  sent_skew   integer,
  project     text COLLATE "C" NOT NULL,
  run_id      text COLLATE "C" NOT NULL,
  event_id    text COLLATE "C" NOT NULL,
  writer      text COLLATE "C" NOT NULL,
  kind        text COLLATE "C" NOT NULL,
  actor       text,
  logs        jsonb,
  PRIMARY KEY (project, event_id)
);

-- One run in the server's order: series, and the first and last event of a run.
CREATE INDEX events_by_run ON events (project, run_id, pos);

-- All that is rare in a run: its beginning and end, epochs, params, tags, requests. Batches would make it large.
CREATE INDEX events_landmarks ON events (project, run_id, kind, pos)
  WHERE kind NOT IN ('on_train_batch_end', 'on_test_batch_end');

-- The tail of the log, for streams.
CREATE INDEX events_by_pos ON events (pos);

-- Added to the transaction id in pos. Transaction ids start again where a dump is restored into another cluster;
-- migrating there raises it, so that pos goes on rising.
CREATE TABLE log_origin (xid_offset bigint NOT NULL);
INSERT INTO log_origin VALUES (0);

CREATE TABLE denied_tokens (
  jti       text PRIMARY KEY,
  actor     text NOT NULL,
  denied_at timestamptz NOT NULL DEFAULT now()
);

-- The place in the log below which nothing new can appear: all older transactions have ended.
CREATE FUNCTION log_horizon() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN ((pg_snapshot_xmin(pg_current_snapshot()))::text::bigint + (SELECT xid_offset FROM log_origin)) << 20;

-- Wakes whoever waits for events, whatever wrote them.
CREATE FUNCTION say_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('integraviz_events', '');
  RETURN NULL;
END $$;
CREATE TRIGGER events_appended AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION say_appended();
