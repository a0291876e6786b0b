-- Run at every migration, last. Row-level security on every table that has projects, and every view of the reader's
-- once more, under the same name in the schema integraviz_projects, for logins that may see some projects only. The
-- views of the reader are the owner's, for whom the policies do not hold: who may see everything pays nothing for them.
-- A table or view that is added later is covered by itself; one that has no project is seen by nobody there.
CREATE SCHEMA IF NOT EXISTS integraviz_projects;
GRANT USAGE ON SCHEMA integraviz, integraviz_projects TO integraviz_project_reader;
GRANT USAGE, CREATE ON SCHEMA integraviz_projects TO integraviz_projects;
GRANT SELECT ON project_access TO integraviz_projects;

DO $$
DECLARE
  one record;
  originals jsonb;
BEGIN
  -- Made anew where their text is another: each has it as its comment. Doing so every time would lock the tables.
  FOR one IN
    SELECT c.relname AS name, wanted.policy, wanted.text
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'project'
    CROSS JOIN (VALUES
      ('writer', 'TO integraviz_writer USING (true) WITH CHECK (true)'),
      -- As an array, the projects are a condition of the index.
      ('projects', 'FOR SELECT TO integraviz_projects USING (
         project = ANY (ARRAY(SELECT a.project FROM project_access a WHERE a.login = session_user)))')
    ) AS wanted (policy, text)
    WHERE c.relnamespace = 'integraviz'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'project_access'
      AND NOT EXISTS (
        SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = wanted.policy AND obj_description(p.oid, 'pg_policy') = wanted.text
      )
  LOOP
    EXECUTE format('GRANT SELECT ON %I TO integraviz_projects', one.name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one.name);
    EXECUTE format('DROP POLICY IF EXISTS %I ON %I', one.policy, one.name);
    EXECUTE format('CREATE POLICY %I ON %I %s', one.policy, one.name, one.text);
    EXECUTE format('COMMENT ON POLICY %I ON %I IS %L', one.policy, one.name, one.text);
  END LOOP;

  FOR one IN SELECT relname AS name FROM pg_class WHERE relnamespace = 'integraviz_projects'::regnamespace AND relkind = 'v' LOOP
    EXECUTE format('DROP VIEW IF EXISTS integraviz_projects.%I CASCADE', one.name);
  END LOOP;
  -- A definition leaves out the schemas that are on the path, so the same text finds its tables in integraviz and the
  -- views it is made of in integraviz_projects, once that comes first.
  SELECT jsonb_agg(jsonb_build_object(
    'name', relname, 'text', pg_get_viewdef(oid), 'read', has_table_privilege('integraviz_reader', oid, 'SELECT')
  ) ORDER BY oid) INTO originals
  FROM pg_class WHERE relnamespace = 'integraviz'::regnamespace AND relkind = 'v';
  PERFORM set_config('search_path', 'integraviz_projects, integraviz', true);
  FOR one IN SELECT * FROM jsonb_to_recordset(originals) AS v (name text, text text, read boolean) LOOP
    EXECUTE format('CREATE VIEW integraviz_projects.%I AS %s', one.name, one.text);
    EXECUTE format('ALTER VIEW integraviz_projects.%I OWNER TO integraviz_projects', one.name);
    IF one.read THEN
      EXECUTE format('GRANT SELECT ON integraviz_projects.%I TO integraviz_project_reader', one.name);
    END IF;
  END LOOP;
END $$;
