#!/usr/bin/env bash
# DuckDB's postgres extension over a view with round(value::numeric, 3), as one rounds in PostgreSQL, where a value is NaN.
# Guess: NaN, or an error.
# Behaviour: 0.0, for numeric and numeric(10,2) alike, so a diverged run has the best loss of all. NaN in a
# column of doubles stays NaN.
set -euo pipefail
. "$(dirname "$0")/postgres"
export HOME="$folder"
install_python duckdb==1.5.5 duckdb-extension-postgres-scanner==1.5.5
venv/bin/python - "$postgres_url" <<'PY'
import glob
import sys

import duckdb

print("duckdb and its postgres extension", duckdb.__version__)
print("guess: NaN three times")
[extension] = glob.glob("venv/lib/python*/site-packages/duckdb_extension_postgres_scanner/**/*.duckdb_extension", recursive=True)
db = duckdb.connect()
db.execute(f"LOAD '{extension}'")
db.execute(f"ATTACH '{sys.argv[1]}' AS p (TYPE postgres)")
view = "CREATE VIEW best AS SELECT x AS value, round(x::numeric, 3) AS rounded, x::numeric(10, 2) AS two FROM (VALUES ('NaN'::float8)) v(x)"
db.execute(f"CALL postgres_execute('p', $${view}$$)")
[row] = db.execute("SELECT value, rounded, two FROM p.best").fetchall()
[text] = db.execute("SELECT * FROM postgres_query('p', 'SELECT rounded::text FROM best')").fetchall()
print("seen:", row, "PostgreSQL itself:", text)
assert row[0] != row[0] and float(row[1]) == 0.0 and float(row[2]) == 0.0 and text == ("NaN",)
PY
