#!/usr/bin/env bash
# A server parses its first queries by sqlglot.parse_one(sql, read="bigquery") in several threads.
# Guess: the dialect is loaded once, and all threads get the same tree.
# Behaviour: a thread that comes while another loads the dialect may get it half made: CREATE TABLE ... OPTIONS
# is then a Command, which holds its text only, and not a Create. It takes some fresh processes to see one;
# with the class imported before there are threads it is never seen.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python sqlglot==30.30.0
cat >parse.py <<'PY'
import sys
import threading
import time

import sqlglot

if sys.argv[1] == "imported":
    from sqlglot.dialects import BigQuery as dialect
else:
    dialect = "bigquery"
sys.setswitchinterval(1e-6)
found = set()


def parse():
    for _ in range(60):
        try:
            found.add(type(sqlglot.parse_one("CREATE TABLE t (a INT64) OPTIONS (description = 'x')", read=dialect)).__name__)
        except Exception as error:
            found.add(type(error).__name__)


threads = [threading.Thread(target=parse) for _ in range(6)]
for thread in threads:
    thread.start()
    time.sleep(0.002)
for thread in threads:
    thread.join()
print(*sorted(found))
PY
echo "sqlglot $(venv/bin/pip show sqlglot | sed -n 's/^Version: //p')"
echo "guess: Create, and nothing else"
tried=0 seen=Create
while [ "$seen" = Create ] && [ "$tried" -lt 120 ]; do
  seen="$(venv/bin/python parse.py by-name 2>/dev/null)"
  tried=$((tried + 1))
done
echo "seen: $seen, in process $tried"
for _ in $(seq 20); do venv/bin/python parse.py imported 2>/dev/null; done | sort -u >imported.txt
echo "seen with the class imported, in 20 processes: $(tr '\n' ' ' <imported.txt)"
[ "$seen" != Create ]
[ "$(cat imported.txt)" = Create ]
