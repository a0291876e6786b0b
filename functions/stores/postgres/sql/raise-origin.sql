-- Transaction ids start again where a dump is restored into another cluster: go on above what is there.
UPDATE log_origin SET xid_offset = newest.xid - pg_current_xact_id()::text::bigint + 1
FROM (SELECT coalesce(max(pos), 0) >> 20 AS xid FROM events) AS newest
WHERE newest.xid >= pg_current_xact_id()::text::bigint + xid_offset
