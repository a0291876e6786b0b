-- A login of the panel holds nothing that others wait for (reader-limits.ts), and leaves connections to the writer.
CREATE FUNCTION limit_panel_login(login text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER ROLE %I CONNECTION LIMIT 8', login);
  EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', login);
  EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', login);
  EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', login);
END $$;
REVOKE EXECUTE ON FUNCTION limit_panel_login FROM PUBLIC;

-- As it was, with limits.
CREATE OR REPLACE FUNCTION ensure_panel_login(login text, password text, projects text[]) RETURNS void
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
      PERFORM limit_panel_login(login);
      -- Others' rows are passed by, and not read and left out: how long that takes would tell how many there are.
      EXECUTE format('ALTER ROLE %I SET enable_seqscan = off', login);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- Another gateway was quicker.
    END;
  END IF;
  INSERT INTO project_access SELECT login, unnest(projects) ON CONFLICT DO NOTHING;
END $$;

SELECT limit_panel_login(a.login)
FROM (SELECT DISTINCT login FROM project_access WHERE login ~ '^integraviz_panel_[0-9a-f]{24}$') AS a
WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = a.login);
