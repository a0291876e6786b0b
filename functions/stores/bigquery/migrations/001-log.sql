-- The log: append-only, one row an event, or several where a writer was not sure that the first had arrived: the views
-- take the first of each. A partition a day; within it the rows of a run lie together, by kind.
CREATE TABLE IF NOT EXISTS integraviz_events.events (
  -- The server's clock when the append began. In µs it is `pos`, the server's order: a process never gives it twice.
  received_at TIMESTAMP NOT NULL,
  seq         INT64     NOT NULL,
  created_at  TIMESTAMP NOT NULL,
  epoch       INT64,
  step        INT64,
  batch       INT64,
  sent_skew   INT64,
  project     STRING    NOT NULL,
  run_id      STRING    NOT NULL,
  event_id    STRING    NOT NULL,
  writer      STRING    NOT NULL,
  kind        STRING    NOT NULL,
  actor       STRING,
  logs        JSON,
  -- What views read of the logs, taken out when the event is written: a number is a double and its digits, a param or
  -- tag its JSON. Paths into JSON must be constants here, so a view could not go through keys it does not know.
  entries     ARRAY<STRUCT<key STRING, value FLOAT64, text STRING>>
)
PARTITION BY DATE(received_at)
CLUSTER BY project, run_id, kind
OPTIONS (require_partition_filter = TRUE);

CREATE TABLE IF NOT EXISTS integraviz_events.denied_tokens (
  jti       STRING    NOT NULL,
  actor     STRING    NOT NULL,
  denied_at TIMESTAMP NOT NULL
);
