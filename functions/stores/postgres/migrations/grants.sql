-- Run at every migration. The writer appends and reads and can neither change nor remove; the reader sees views only.
GRANT USAGE ON SCHEMA integraviz TO integraviz_writer, integraviz_reader;
GRANT SELECT, INSERT ON events, denied_tokens TO integraviz_writer;
GRANT SELECT ON log_origin, purged_runs, sealed, chunk_axes, chunks TO integraviz_writer;
REVOKE EXECUTE ON FUNCTION seal_window FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_window TO integraviz_writer;
GRANT SELECT ON run_keys, run_by_event, summary_by_event TO integraviz_writer;
GRANT SELECT ON runs, metrics, latest_metrics, run_summary, audit, raw_link TO integraviz_writer, integraviz_reader;
