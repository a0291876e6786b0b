-- Access by project. What a login may see hangs on session_user, which nothing a session does can change: a setting
-- falls to one set_config, and a role to one SET ROLE.

-- Owns the views for logins of some projects: row-level security holds for it, as the tables are not its own.
-- Roles belong to the whole cluster, so another database may have made it.
DO $$ BEGIN
  CREATE ROLE integraviz_projects NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- What those logins are members of.
DO $$ BEGIN
  CREATE ROLE integraviz_project_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

GRANT integraviz_projects TO CURRENT_USER;

CREATE TABLE project_access (
  login   text    COLLATE "C" NOT NULL,
  -- Or *, for all of them: that is said for control alone, as logins that may read everything use the reader's views.
  project text    COLLATE "C" NOT NULL,
  -- May ask runs to stop, besides reading.
  control boolean NOT NULL DEFAULT false,
  PRIMARY KEY (login, project)
);

-- What POST /v1/runs/{run}/stop does, for logins with control. Gives the id of the event.
CREATE FUNCTION request_stop(project text, run text, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_catalog, pg_temp AS $$
DECLARE
  id text := gen_random_uuid();
BEGIN
  IF NOT EXISTS (
    SELECT FROM project_access a
    WHERE a.login = session_user AND a.control AND a.project IN (request_stop.project, '*')
  ) OR NOT EXISTS (SELECT FROM runs r WHERE r.project = request_stop.project AND r.run = request_stop.run) THEN
    RAISE EXCEPTION 'There is no run % in project % that you may stop.', run, project
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO events (project, run_id, event_id, writer, seq, kind, actor, created_at, logs, pos)
  SELECT
    request_stop.project, run, id, 'server', (extract(epoch FROM now()) * 1000000)::bigint, 'stop_requested',
    session_user, now(), jsonb_build_object('reason', reason), (pg_current_xact_id()::text::bigint + xid_offset) << 20
  FROM log_origin;
  RETURN id;
END $$;
REVOKE EXECUTE ON FUNCTION request_stop FROM PUBLIC;
GRANT EXECUTE ON FUNCTION request_stop TO integraviz_reader, integraviz_project_reader;

-- The login that POST /v1/sql connects as for tokens of just these projects, made when the first of them asks. Names
-- are digests, since every login can read those of all roles.
CREATE FUNCTION ensure_panel_login(login text, password text, projects text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_catalog, pg_temp AS $$
BEGIN
  IF login !~ '^integraviz_panel_[0-9a-f]{24}$' THEN
    RAISE EXCEPTION 'The login % is not one of the panel.', login USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L IN ROLE integraviz_project_reader', login, password);
      EXECUTE format('ALTER ROLE %I SET search_path = integraviz_projects, integraviz', login);
      EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', login);
      EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', login);
      -- Others' rows are passed by, and not read and left out: how long that takes would tell how many there are.
      EXECUTE format('ALTER ROLE %I SET enable_seqscan = off', login);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- Another gateway was quicker.
    END;
  END IF;
  INSERT INTO project_access SELECT login, unnest(projects) ON CONFLICT DO NOTHING;
END $$;
REVOKE EXECUTE ON FUNCTION ensure_panel_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_panel_login TO integraviz_writer;
