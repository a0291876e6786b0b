-- One position an event, whatever wrote it: pages go on behind the last position they gave. Those that shared one get
-- positions of their own behind the last of their transaction.
WITH tied AS (
  SELECT ctid AS row, pos >> 20 AS xid, row_number() OVER (PARTITION BY pos ORDER BY event_id) AS n
  FROM events WHERE pos IN (SELECT pos FROM events GROUP BY pos HAVING count(*) > 1)
), moved AS (
  SELECT tied.row, newest.pos + row_number() OVER (PARTITION BY tied.xid) AS pos
  FROM tied CROSS JOIN LATERAL (
    SELECT max(e.pos) AS pos FROM events e WHERE e.pos >= tied.xid << 20 AND e.pos < (tied.xid + 1) << 20
  ) AS newest
  WHERE tied.n > 1
)
UPDATE events SET pos = moved.pos FROM moved WHERE events.ctid = moved.row;
DROP INDEX events_by_pos;
CREATE UNIQUE INDEX events_by_pos ON events (pos);

-- The place in the log below which nothing new can appear: every older transaction has ended that could still append.
-- Whoever appends locks events (by the statement itself) before the transaction has an id, so one that has an id and no
-- such lock is a reader's, and nobody waits for it. Of one whose lock is not there yet, or not any more, that is not
-- known. To be asked in a statement before the one that reads: only then has all that was let pass ended for it too.
CREATE OR REPLACE FUNCTION log_horizon() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  WITH here AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
  open AS MATERIALIZED (SELECT x AS xid FROM here, pg_snapshot_xip(here.snapshot) AS x),
  held AS MATERIALIZED (
    SELECT l.virtualtransaction AS holder, l.locktype, l.transactionid, l.database, l.relation, l.mode
    FROM pg_locks l WHERE EXISTS (SELECT FROM open) AND l.locktype IN ('transactionid', 'relation') AND l.granted
  )
  SELECT ((least(
    pg_snapshot_xmax((SELECT snapshot FROM here))::text::bigint,
    (
      SELECT min(open.xid::text::bigint) FROM open
      WHERE NOT EXISTS (
        SELECT FROM held reading
        WHERE reading.locktype = 'transactionid' AND reading.transactionid = open.xid::xid
          AND reading.mode = 'ExclusiveLock' AND NOT EXISTS (
            SELECT FROM held appending
            WHERE appending.holder = reading.holder AND appending.relation = 'integraviz.events'::regclass
              AND appending.mode = 'RowExclusiveLock'
              AND appending.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          )
      )
    )
  ) + (SELECT xid_offset FROM integraviz.log_origin)) << 20)
$$;

-- As POST /v1/runs/{run}/stop: a reason of 1 to 2,000 characters, for a run that has not ended. Several in a transaction
-- stand in the log one behind the other.
CREATE OR REPLACE FUNCTION request_stop(project text, run text, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = integraviz, pg_catalog, pg_temp AS $$
DECLARE
  id text := gen_random_uuid();
  why text := btrim(reason, E' \t\n\r');
  now_state text;
  first_pos bigint;
  next_pos bigint;
BEGIN
  IF EXISTS (
    SELECT FROM project_access a
    WHERE a.login = session_user AND a.control AND a.project IN (request_stop.project, '*')
  ) THEN
    IF why IS NULL OR length(why) NOT BETWEEN 1 AND 2000 THEN
      RAISE EXCEPTION 'reason has % characters.', coalesce(length(why), 0)
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Say why in 1 to 2,000 characters.';
    END IF;
    -- See log_horizon(): readers may have passed a transaction by that had an id before.
    IF pg_current_xact_id_if_assigned() IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_locks l
      WHERE l.pid = pg_backend_pid() AND l.relation = 'events'::regclass AND l.mode = 'RowExclusiveLock'
    ) THEN
      RAISE EXCEPTION 'request_stop() comes after something else that writes in its transaction.'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Call it in a transaction of its own, or first.';
    END IF;
    LOCK TABLE events IN ROW EXCLUSIVE MODE;
    SELECT r.state INTO now_state
    FROM (
      SELECT e.pos FROM events e
      WHERE e.project = request_stop.project AND e.run_id = request_stop.run ORDER BY e.pos LIMIT 1
    ) AS k
    JOIN run_by_event r ON r.project = request_stop.project AND r.run = request_stop.run AND r.pos = k.pos;
    IF now_state NOT IN ('running', 'lost') THEN
      RAISE EXCEPTION 'The run % in project % has ended: it is %.', run, project, now_state
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Only a run that goes on can be stopped.';
    END IF;
    SELECT (pg_current_xact_id()::text::bigint + xid_offset) << 20 INTO first_pos FROM log_origin;
    SELECT coalesce(max(e.pos) + 1, first_pos) INTO next_pos
    FROM events e WHERE e.pos >= first_pos AND e.pos < first_pos + (1 << 20);
    IF next_pos >= first_pos + (1 << 20) THEN
      RAISE EXCEPTION 'More than 1,048,576 events in a transaction.'
        USING ERRCODE = 'program_limit_exceeded', HINT = 'Commit in between.';
    END IF;
    INSERT INTO events (project, run_id, event_id, writer, seq, kind, actor, created_at, logs, pos)
    SELECT
      request_stop.project, run, id, 'server', (extract(epoch FROM now()) * 1000000)::bigint, 'stop_requested',
      session_user, now(), jsonb_build_object('reason', why), next_pos
    WHERE now_state IS NOT NULL AND NOT EXISTS (
      SELECT FROM purged_runs p WHERE p.project = request_stop.project AND p.run_id = request_stop.run
    );
    IF FOUND THEN RETURN id; END IF;
  END IF;
  RAISE EXCEPTION 'There is no run % in project % that you may stop.', run, project
    USING ERRCODE = 'insufficient_privilege';
END $$;
