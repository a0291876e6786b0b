-- A position behind everything that is acknowledged by now: the next transaction's.
SELECT (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_offset) << 20 AS "end" FROM log_origin
