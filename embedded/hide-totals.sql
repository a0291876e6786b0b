-- What a superuser can add to row-level security, in the database itself: the catalogs tell everyone how many rows and
-- bytes each table has, and so a reader of some projects how much there is of all the others. Locks tell what others are
-- doing, and an advisory one can be held against them. How far the write-ahead log has come tells how much others store,
-- and a message in it or a large object fills the disk. A transaction that only reads needs no id, and
-- nobody else a snapshot's; a notice would wait for the slowest listener. Safe to run again.

-- There the catalogs are as they were.
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;

DO $$
DECLARE
  trusted text := 'integraviz_owner, integraviz_writer, integraviz_reader';
  one record;
BEGIN
  EXECUTE 'REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC';
  EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', (
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = 'pg_catalog.pg_class'::regclass AND NOT attisdropped
      AND attname NOT IN ('reltuples', 'relpages', 'relallvisible', 'relallfrozen')
  ));
  EXECUTE format('GRANT SELECT ON pg_catalog.pg_class TO %s', trusted);
  FOR one IN
    SELECT
      p.oid::regprocedure AS function,
      CASE
        WHEN p.proname ~ 'advisory|^pg_logical_emit|^pg_export_snapshot$|^lo_|^lowrite$' THEN 'integraviz_owner'
        WHEN p.proname ~ '^pg_current_xact_id|^txid_current|^pg_notify$' THEN 'integraviz_owner, integraviz_writer'
        ELSE trusted
      END AS users
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname ~ '^pg_stat_get_|^pg_lock_status$|^pg_(try_)?advisory_'
        OR p.proname ~ '^pg_(relation|table|indexes|total_relation|database|tablespace)_size$'
        OR p.proname ~ '^pg_current_wal_|^pg_control_|^pg_current_xact_id|^txid_current(_if_assigned)?$'
        OR p.proname ~ '^(pg|txid)_current_snapshot$|^pg_export_snapshot$|^pg_notify$'
        OR p.proname ~ '^pg_logical_emit_message$|^lo_(create|creat|from_bytea|import|put|truncate|truncate64)$|^lowrite$')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION pg_catalog.%s FROM PUBLIC', one.function);
    EXECUTE format('GRANT EXECUTE ON FUNCTION pg_catalog.%s TO %s', one.function, one.users);
  END LOOP;
END $$;
