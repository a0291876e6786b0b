#!/usr/bin/env bash
# polars.read_database over psycopg 3: 120 rows whose values are whole numbers, then 0.5; a numeric column, as
# sum() and avg() of bigint are, and a jsonb column, where a further metric begins late as well.
# Guess: the types are those that PostgreSQL names, or it is an error, as it is with nulls in the first rows.
# Behaviour: the first 100 rows decide: 0.5 is read as 0 in both, and the later metric is left out, without a
# word. infer_schema_length=None reads all; so does a cast to float8, and jsonb as text.
set -euo pipefail
. "$(dirname "$0")/postgres"
install_python polars==2.1.0 'psycopg[binary]==3.3.9'
venv/bin/python - "$postgres_url" <<'PY'
import sys

import polars as pl
import psycopg

print("polars", pl.__version__, "psycopg", psycopg.__version__)
print("guess: 0.5 twice, and late = 7")
QUERY = """
SELECT i AS step,
  CASE WHEN i > 120 THEN 0.5 ELSE 1 END::numeric AS mean,
  CASE WHEN i > 120 THEN '{"loss": 0.5, "late": 7}' ELSE '{"loss": 1}' END::jsonb AS logs
FROM generate_series(1, 121) i ORDER BY i"""
with psycopg.connect(sys.argv[1]) as db:
    cut = pl.read_database(QUERY, db)
    whole = pl.read_database(QUERY, db, infer_schema_length=None)
print("seen:", cut.row(-1, named=True), dict(cut.schema))
print("with infer_schema_length=None:", whole.row(-1, named=True))
assert cut["mean"][-1] == 0 and cut["logs"][-1] == {"loss": 0}
assert float(whole["mean"][-1]) == 0.5 and whole["logs"][-1] == {"loss": 0.5, "late": 7}
PY
