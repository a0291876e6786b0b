#!/usr/bin/env bash
# A run folder of MLflow's FileStore whose writer died within a line: "1000 0.25 1" became "1000 0.2".
# Guess: the line is left out, or the metric is said to be malformed.
# Behaviour: two fields are the layout of very old files, so it is read as a point: value 0.2, step 0.
set -euo pipefail
. "$(dirname "$0")/folder"
export HOME="$folder" MLFLOW_DISABLE_TELEMETRY=true MLFLOW_ALLOW_FILE_STORE=true GIT_PYTHON_REFRESH=quiet
install_python mlflow-skinny==3.17.2 numpy==2.4.6 pandas==2.3.3
venv/bin/python -W ignore - <<'PY'
import glob

import mlflow

print("mlflow-skinny", mlflow.__version__)
print("guess: points of steps 7 and 8, or an error")
mlflow.set_tracking_uri("file:./mlruns")
with mlflow.start_run() as run:
    for step, value in ((7, 0.75), (8, 0.5), (9, 0.25)):
        mlflow.log_metric("loss", value, step=step)
[file] = glob.glob("mlruns/*/*/metrics/loss")
with open(file) as lines:
    whole = lines.read()
with open(file, "w") as lines:
    lines.write(whole[: -len("5 9\n")])
print("the file:", repr(open(file).read().splitlines()[-1]))
points = [(m.step, m.value) for m in mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")]
print("seen:", points)
assert points == [(7, 0.75), (8, 0.5), (0, 0.2)], points
PY
