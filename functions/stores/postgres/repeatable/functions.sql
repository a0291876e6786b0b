-- Run again, with the two files after it, whenever one of them changes: what views and statements share.

-- The double behind a metric's JSON value; null where it is no number.
CREATE OR REPLACE FUNCTION metric_value(value jsonb) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
  WHEN 'number' THEN value::double precision
  WHEN 'object' THEN (value ->> '$num')::double precision
END;

-- A time as ISO 8601 in UTC, to the µs.
CREATE OR REPLACE FUNCTION iso(at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE OR REPLACE FUNCTION lower_is_better(metric text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN metric ~* '(loss|error|err$|mae$|mse$|perplexity|divergence|time|seconds|cost)';

-- The last request to stop a run that it has not answered: neither ended nor begun anew since.
CREATE OR REPLACE FUNCTION pending_stop(of_project text, of_run text) RETURNS SETOF events
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT asked.* FROM (
    SELECT e.* FROM events e
    WHERE e.project = of_project AND e.run_id = of_run AND e.kind = 'stop_requested'
    ORDER BY e.pos DESC LIMIT 1
  ) AS asked
  WHERE NOT EXISTS (
    SELECT FROM events answer
    WHERE answer.project = of_project AND answer.run_id = of_run
      AND answer.kind IN ('on_train_begin', 'on_train_end') AND answer.pos > asked.pos
  );
END;
