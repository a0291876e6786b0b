-- Runs that were erased, and take no event any more. What is known of them stands in the log, as an event of kind purge.
CREATE TABLE purged_runs (
  project   text COLLATE "C" NOT NULL,
  run_id    text COLLATE "C" NOT NULL,
  purged_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project, run_id)
);

CREATE FUNCTION refuse_purged() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A run of these was purged.' USING ERRCODE = 'IV001';
END $$;
