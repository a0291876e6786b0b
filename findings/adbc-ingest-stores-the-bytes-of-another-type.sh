#!/usr/bin/env bash
# adbc_ingest(mode="append") of an Arrow table into a PostgreSQL table that is there, with columns of other types:
# whole numbers for a double, times for a bigint, unsigned integers.
# Guess: cast, or refused with the column's name.
# Behaviour: where the width is the same, the bytes are taken as they are: 2 becomes 1e-323, 1970-01-01 becomes
# -946684800000000, text of eight letters an integer; 2^63 + 1 comes out negative. Nothing is said.
set -euo pipefail
. "$(dirname "$0")/postgres"
install_python adbc-driver-postgresql==1.13.0 pyarrow==26.0.1
venv/bin/python - "$postgres_url" <<'PY'
import sys

import adbc_driver_postgresql as adbc
import pyarrow as pa
from adbc_driver_postgresql import dbapi

print("adbc-driver-postgresql", adbc.__version__)
print("guess: 2.0, microseconds since 1970 or an error, an error, an error")
us = pa.timestamp("us", "UTC")
cases = {
    "2 for a double": ("v float8", pa.array([2], pa.int64())),
    "1970-01-01 for a bigint": ("v bigint", pa.array([0], us)),
    "text for a bigint": ("v bigint", pa.array(["12345678"])),
    "2^63 + 1 in a new table": (None, pa.array([2**63 + 1], pa.uint64())),
}
seen = {}
with dbapi.connect(sys.argv[1], autocommit=True) as db, db.cursor() as cursor:
    for what, (columns, values) in cases.items():
        cursor.execute("DROP TABLE IF EXISTS points")
        if columns:
            cursor.execute(f"CREATE TABLE points ({columns})")
        cursor.adbc_ingest("points", pa.table({"v": values}), mode="append" if columns else "create")
        cursor.execute("SELECT v FROM points")
        [(seen[what],)] = cursor.fetchall()
        print(f"seen: {what}: {seen[what]}")
assert seen == {
    "2 for a double": 1e-323,
    "1970-01-01 for a bigint": -946684800000000,
    "text for a bigint": int.from_bytes(b"12345678", "big"),
    "2^63 + 1 in a new table": -(2**63) + 1,
}
PY
