-- Run at every migration. The writer appends and reads and can neither change nor remove; the reader sees views only.
DO $$ BEGIN
  -- A temporary table needs the disk, and its transaction an id. Where the database is another's, it stays as it is.
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
GRANT USAGE ON SCHEMA integraviz TO integraviz_writer, integraviz_reader;
GRANT SELECT, INSERT ON events, denied_tokens TO integraviz_writer;
GRANT SELECT ON log_origin, purged_runs TO integraviz_writer;
DO $$
DECLARE
  one regclass;
BEGIN
  FOR one IN SELECT metric_tables() LOOP
    EXECUTE format('GRANT SELECT ON %s TO integraviz_writer', one);
  END LOOP;
END $$;
GRANT SELECT ON metric_marks TO integraviz_writer;
REVOKE EXECUTE ON FUNCTION metric_buckets FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION metric_points FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION metric_tables FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION hold_windows FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION seal_window FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION events_page FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION extend_lines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION metric_buckets TO integraviz_writer;
GRANT EXECUTE ON FUNCTION metric_points TO integraviz_writer;
GRANT EXECUTE ON FUNCTION metric_tables TO integraviz_writer;
GRANT EXECUTE ON FUNCTION seal_window TO integraviz_writer;
GRANT EXECUTE ON FUNCTION events_page TO integraviz_writer;
GRANT EXECUTE ON FUNCTION extend_lines TO integraviz_writer;
GRANT SELECT ON run_keys, run_by_event, summary_by_event TO integraviz_writer;
GRANT SELECT ON runs, metrics, metric_names, metric_lines, latest_metrics, run_summary, audit, raw_link TO integraviz_writer, integraviz_reader;
