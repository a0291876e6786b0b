-- Nothing is derived of a purged run any more. The purge holds a lock on this table while it sets the tombstone: a window
-- that is being added is there before it, and any other sees it. No advisory lock does: those are anybody's to take.
CREATE FUNCTION leave_purged_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM integraviz.purged_runs p WHERE p.project = NEW.project AND p.run_id = NEW.run_id
  ) THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sealed_unless_purged BEFORE INSERT OR UPDATE ON sealed
  FOR EACH ROW EXECUTE FUNCTION leave_purged_unsealed();

-- As it was, but for a run that is purged meanwhile: the insert waits for the purge's lock, and then sees the tombstone.
CREATE OR REPLACE FUNCTION request_stop(project text, run text, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_catalog, pg_temp AS $$
DECLARE
  id text := gen_random_uuid();
BEGIN
  IF EXISTS (
    SELECT FROM project_access a
    WHERE a.login = session_user AND a.control AND a.project IN (request_stop.project, '*')
  ) AND EXISTS (SELECT FROM runs r WHERE r.project = request_stop.project AND r.run = request_stop.run) THEN
    INSERT INTO events (project, run_id, event_id, writer, seq, kind, actor, created_at, logs, pos)
    SELECT
      request_stop.project, run, id, 'server', (extract(epoch FROM now()) * 1000000)::bigint, 'stop_requested',
      session_user, now(), jsonb_build_object('reason', reason), (pg_current_xact_id()::text::bigint + xid_offset) << 20
    FROM log_origin
    WHERE NOT EXISTS (
      SELECT FROM purged_runs p WHERE p.project = request_stop.project AND p.run_id = request_stop.run
    );
    IF FOUND THEN RETURN id; END IF;
  END IF;
  RAISE EXCEPTION 'There is no run % in project % that you may stop.', run, project
    USING ERRCODE = 'insufficient_privilege';
END $$;
