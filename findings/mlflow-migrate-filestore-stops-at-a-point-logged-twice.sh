#!/usr/bin/env bash
# `mlflow migrate-filestore`, "migrates your existing data losslessly": a run folder in which one point stands
# twice, as MLflow's own autologging writes when it logs a model (and any script that tries again).
# Guess: the copy is kept once; infinity arrives.
# Behaviour: the whole migration ends with an IntegrityError and the new database holds no run. Without the
# double it goes through, and infinity has become 1.797e308.
set -euo pipefail
. "$(dirname "$0")/folder"
export HOME="$folder" MLFLOW_DISABLE_TELEMETRY=true MLFLOW_ALLOW_FILE_STORE=true GIT_PYTHON_REFRESH=quiet
install_python mlflow==3.17.2
venv/bin/python -W ignore - <<'PY'
import sqlite3
import subprocess

import mlflow
from mlflow.entities import Metric

print("mlflow", mlflow.__version__)
print("guess: exit code 0, each point once, infinity as infinity")


def migrated(name, times):
    mlflow.set_tracking_uri(f"file:./{name}")
    with mlflow.start_run() as run:
        for _ in range(times):
            mlflow.MlflowClient().log_batch(run.info.run_id, [Metric("loss", 0.5, 1000, 1)])
        mlflow.log_metric("peak", float("inf"), step=1)
    command = ["venv/bin/mlflow", "migrate-filestore", "--source", name, "--target", f"sqlite:///{name}.db"]
    done = subprocess.run(command, capture_output=True, text=True)
    db = sqlite3.connect(f"{name}.db")
    rows = db.execute("SELECT key, value FROM metrics ORDER BY key").fetchall()
    [runs] = db.execute("SELECT count(*) FROM runs").fetchone()
    told = [line for line in done.stderr.splitlines() if "constraint failed" in line]
    print(f"seen: {name}: exit code {done.returncode}, {runs} run, {rows}", *told[:1])
    return done.returncode, runs, rows


assert migrated("once", 1) == (0, 1, [("loss", 0.5), ("peak", 1.7976931348623157e308)])
code, runs, rows = migrated("twice", 2)
assert code != 0 and runs == 0 and rows == []
PY
