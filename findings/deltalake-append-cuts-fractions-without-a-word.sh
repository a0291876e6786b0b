#!/usr/bin/env bash
# A Delta table whose first values of `v` were whole numbers, so its column is an integer's; then 2.5 is appended.
# Guess: refused, as the schema differs, until schema_mode="merge" is asked for.
# Behaviour: 2.5 is stored as 2, with schema_mode="merge" too. A column too many is refused, a type is not.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python deltalake==1.6.6 pyarrow==26.0.1
venv/bin/python - <<'PY'
import warnings

import deltalake
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

print("deltalake", deltalake.__version__)
print("guess: 2.5 is refused, or is there as 2.5")
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    write_deltalake("metrics", pa.table({"step": [1], "v": [3]}))
    write_deltalake("metrics", pa.table({"step": [2], "v": [2.5]}), mode="append")
    write_deltalake("metrics", pa.table({"step": [3], "v": [0.75]}), mode="append", schema_mode="merge")
rows = DeltaTable("metrics").to_pyarrow_table().sort_by("step").to_pylist()
print("seen:", rows, "warnings:", len(told))
assert [row["v"] for row in rows] == [3, 2, 0] and not told
try:
    write_deltalake("metrics", pa.table({"step": [4], "v": [1], "lr": [0.1]}), mode="append")
    raise SystemExit("a column more is taken now")
except Exception as error:
    print("seen: a column more:", type(error).__name__)
PY
