#!/usr/bin/env bash
# One Parquet file a run, read as '*.parquet': in the first all values of `v` were whole numbers, the second
# has 2.5 there and a column more. And a JSON lines or CSV file whose first fraction comes late.
# Guess: types are widened, or it is an error that names the column.
# Behaviour: the first file (the first 20,480 rows) decides: 2.5 is read as 2 and 0.75 as 1, the further
# column is left out, all without a word. union_by_name and sample_size = -1 read all.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python duckdb==2.0.0
venv/bin/python - <<'PY'
import duckdb

print("duckdb", duckdb.__version__)
print("guess: 2.5 and 0.75 come back, or an error")
db = duckdb.connect()
db.execute("COPY (SELECT 1::BIGINT AS step, 3::BIGINT AS v) TO 'run-a.parquet'")
db.execute("COPY (SELECT 2::BIGINT AS step, 2.5::DOUBLE AS v, 0.1::DOUBLE AS lr) TO 'run-b.parquet'")
parquet = db.execute("SELECT * FROM '*.parquet' ORDER BY step").fetchall()
union = db.execute("SELECT * FROM read_parquet('*.parquet', union_by_name = true) ORDER BY step").fetchall()
print("seen: *.parquet:", parquet, "with union_by_name:", union)

whole = 20480  # the rows that are looked at
with open("log.jsonl", "w") as lines, open("log.csv", "w") as table:
    table.write("step,v\n")
    for step in range(3 * whole):
        value = 0.75 if step == 3 * whole - 1 else step % 7
        lines.write(f'{{"step": {step}, "v": {value}}}\n')
        table.write(f"{step},{value}\n")
last = "ORDER BY step DESC LIMIT 1"
json = db.execute(f"SELECT v, typeof(v) FROM 'log.jsonl' {last}").fetchone()
csv = db.execute(f"SELECT v, typeof(v) FROM 'log.csv' {last}").fetchone()
sampled = db.execute(f"SELECT v, typeof(v) FROM read_json('log.jsonl', sample_size = -1) {last}").fetchone()
print("seen: 0.75 in the last row of JSON lines:", json, "of CSV:", csv, "with sample_size = -1:", sampled)
assert parquet == [(1, 3), (2, 2)] and union == [(1, 3.0, None), (2, 2.5, 0.1)]
assert json == (1, "BIGINT") and csv == (1, "BIGINT") and sampled == (0.75, "DOUBLE")
PY
