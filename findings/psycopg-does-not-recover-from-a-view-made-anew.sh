#!/usr/bin/env bash
# A dashboard's psycopg 3 connection runs SELECT * from a view again and again; an upgrade makes the view anew with
# a column more.
# Guess: one error at most, as with pgx (asyncpg runs the statement again by itself), then the new column.
# Behaviour: after five runs the statement is prepared on the server, and from then on each run fails, on this
# connection for good. Columns by name, prepare_threshold=None or a new connection go on. And executemany in
# autocommit is one transaction: of three rows whose second is refused, none is kept.
set -euo pipefail
. "$(dirname "$0")/postgres"
install_python 'psycopg[binary]==3.3.9'
venv/bin/python - "$postgres_url" <<'PY'
import sys

import psycopg

print("psycopg", psycopg.__version__)
print("guess: one error, then rows of two columns; executemany keeps the row before the refused one")
owner = psycopg.connect(sys.argv[1], autocommit=True)
owner.execute("CREATE VIEW runs AS SELECT 1 AS run")


def answers(query, **given):
    with psycopg.connect(sys.argv[1], autocommit=True, **given) as reader:
        for _ in range(7):
            reader.execute(query).fetchall()
        owner.execute("DROP VIEW runs")
        owner.execute("CREATE VIEW runs AS SELECT 1 AS run, 0.5 AS loss")
        found = []
        for _ in range(20):
            try:
                found.append(str(reader.execute(query).fetchall()))
            except psycopg.Error as error:
                found.append(str(error))
        owner.execute("DROP VIEW runs")
        owner.execute("CREATE VIEW runs AS SELECT 1 AS run")
    return found


star, named = answers("SELECT * FROM runs"), answers("SELECT run FROM runs")
plain = answers("SELECT * FROM runs", prepare_threshold=None)
print("seen: 20 runs of SELECT *:", set(star))
print("seen: columns by name:", set(named), "not prepared:", set(plain))
owner.execute("CREATE TABLE points (step int CHECK (step <> 2))")
try:
    owner.cursor().executemany("INSERT INTO points VALUES (%s)", [(1,), (2,), (3,)])
except psycopg.errors.CheckViolation:
    pass
[(kept,)] = owner.execute("SELECT count(*) FROM points").fetchall()
print("seen: executemany of 1, 2 (refused), 3 in autocommit kept", kept)
assert set(star) == {"cached plan must not change result type"}
assert set(named) == {"[(1,)]"} and len(set(plain)) == 1 and "0.5" in plain[0] and kept == 0
owner.close()
PY
