#!/usr/bin/env bash
# MLflow on its default store (SQLite): a step that comes from a loop over np.arange, and a fractional one.
# Guess: numpy.int64(3) is stored as 3; 1.5 is refused.
# Behaviour: the numpy step is stored as its eight bytes, and read back as them, so it is no point of a chart by
# step; a second point of that name is an exception in the training. 1.5 stays 1.5. Nothing is said of either.
set -euo pipefail
. "$(dirname "$0")/folder"
export HOME="$folder" MLFLOW_DISABLE_TELEMETRY=true GIT_PYTHON_REFRESH=quiet
install_python mlflow-skinny==3.17.2 sqlalchemy==2.0.58 alembic==1.20.1 numpy==2.4.6 pandas==2.3.3
venv/bin/python -W ignore - 2>errors.txt <<'PY' || { cat errors.txt; exit 1; }
import sqlite3

import mlflow
import numpy as np

print("mlflow", mlflow.__version__, "numpy", np.__version__)
print("guess: step 3, and an error for 1.5")
mlflow.set_tracking_uri("sqlite:///mlflow.db")
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 0.25, step=np.arange(4)[3])
    mlflow.log_metric("half", 0.5, step=1.5)
rows = sqlite3.connect("mlflow.db").execute("SELECT key, typeof(step), step FROM metrics ORDER BY key").fetchall()
read = [point.step for point in mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")]
print("seen in the database:", rows)
print("seen by the client:", read)
stored = (3).to_bytes(8, "little")
assert rows == [("half", "real", 1.5), ("loss", "blob", stored)] and read == [stored]
PY
