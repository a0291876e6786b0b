#!/usr/bin/env bash
# A team's tracking database made by MLflow 2.9; one of them has MLflow 3.17 and only lists the runs.
# Guess: refused, with the advice to run `mlflow db upgrade`, and nothing is changed.
# Behaviour: the list is shown, and the database has been migrated by it: 49 tables more, and no client or
# server of 2.9 can open it any more. (SQLite here; on PostgreSQL the same was seen.)
set -euo pipefail
. "$(dirname "$0")/folder"
export HOME="$folder" MLFLOW_DISABLE_TELEMETRY=true GIT_PYTHON_REFRESH=quiet
quiet="--quiet --disable-pip-version-check"
python3 -m venv old
old/bin/pip install $quiet mlflow-skinny==2.9.2 'sqlalchemy==2.0.36' alembic==1.13.3 'setuptools==69.5.1' numpy==1.26.4 pandas==2.2.3
python3 -m venv new
new/bin/pip install $quiet mlflow==3.17.2

state() {
  new/bin/python -c '
import sqlite3
db = sqlite3.connect("team.db")
[revision] = db.execute("SELECT version_num FROM alembic_version").fetchone()
[tables] = db.execute("SELECT count(*) FROM sqlite_master WHERE type = '"'table'"'").fetchone()
print("revision", revision, "tables", tables)'
}
as() { "$1/bin/python" -W ignore -c "import mlflow; mlflow.set_tracking_uri('sqlite:///team.db'); $2" 2>errors.txt; }

echo "guess: MLflow 3 refuses the database of 2.9 until it is upgraded by hand"
as old "print('mlflow', mlflow.__version__); mlflow.set_experiment('e'); mlflow.start_run(); mlflow.log_metric('loss', 1.0)" || { cat errors.txt; exit 1; }
before="$(state)"
echo "seen: made by it: $before"
as new "print('mlflow', mlflow.__version__, 'lists', len(mlflow.search_runs(experiment_names=['e'])), 'run')" || { cat errors.txt; exit 1; }
after="$(state)"
echo "seen: after the list: $after"
if as old "print(len(mlflow.search_runs(experiment_names=['e'])))"; then echo "2.9 still opens it"; exit 1; fi
echo "seen: 2.9 now: $(tail -1 errors.txt)"
[ "$before" != "$after" ]
grep -q "Can't locate revision" errors.txt
