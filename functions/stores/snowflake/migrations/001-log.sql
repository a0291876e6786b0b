-- The log: append-only, one row an event. Snowflake enforces no key: the same event may come to stand here twice where
-- two writers race, and event_log takes the first of them.
CREATE TABLE IF NOT EXISTS events (
  -- The server's order: ms since 2020 when the statement began, times 2^22, plus a place within that ms. It is no
  -- order of commits: readers stop below what appends says is still under way.
  pos         NUMBER(19, 0)    NOT NULL,
  seq         NUMBER(19, 0)    NOT NULL,
  created_at  TIMESTAMP_NTZ(6) NOT NULL,
  received_at TIMESTAMP_NTZ(6) NOT NULL,
  epoch       NUMBER(19, 0),
  step        NUMBER(19, 0),
  batch       NUMBER(19, 0),
  sent_skew   NUMBER(10, 0),
  project     VARCHAR NOT NULL,
  run_id      VARCHAR NOT NULL,
  event_id    VARCHAR NOT NULL,
  writer      VARCHAR NOT NULL,
  kind        VARCHAR NOT NULL,
  actor       VARCHAR,
  logs        VARIANT
);

-- Two marks an append: one before its events are stored, one when they are.
CREATE TABLE IF NOT EXISTS appends (
  append_id VARCHAR       NOT NULL,
  pos       NUMBER(19, 0) NOT NULL,
  done      BOOLEAN       NOT NULL
);

CREATE TABLE IF NOT EXISTS denied_tokens (
  jti       VARCHAR          NOT NULL,
  actor     VARCHAR          NOT NULL,
  denied_at TIMESTAMP_NTZ(6) NOT NULL
);
