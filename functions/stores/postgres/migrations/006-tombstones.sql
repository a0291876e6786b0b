-- The tombstone of a purged run stands wherever the event that tells of its purge does: where it was purged, and where
-- that log is copied to. With the owner's rights: whoever appends to the log may set one, and can never remove it.
CREATE FUNCTION set_tombstone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_temp AS $$
BEGIN
  INSERT INTO purged_runs (project, run_id, purged_at) VALUES (NEW.project, NEW.run_id, NEW.received_at)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER events_tombstones AFTER INSERT ON events FOR EACH ROW WHEN (NEW.kind = 'purge')
  EXECUTE FUNCTION set_tombstone();
