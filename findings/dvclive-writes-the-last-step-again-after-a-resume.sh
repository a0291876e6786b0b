#!/usr/bin/env bash
# DVCLive: metrics are logged, next_step() is called between steps and not after the last one, as in its own
# examples of a loop that ends early; then the run is resumed.
# Guess: the resumed run goes on at the step after the last that has values.
# Behaviour: metrics.json names the step before, so the resumed run writes the last step a second time: two
# rows of one step in the TSV, with two values.
set -euo pipefail
. "$(dirname "$0")/folder"
export HOME="$folder" DVC_NO_ANALYTICS=1
install_python dvclive==3.49.1
venv/bin/python -W ignore - <<'PY'
import csv
import json

import dvclive
from dvclive import Live

print("dvclive", dvclive.__version__ if hasattr(dvclive, "__version__") else "3.49.1")
print("guess: the resumed run begins at step 3")
with Live(save_dvc_exp=False) as live:
    for step in range(3):
        live.log_metric("loss", 1.0 / (step + 1))
        if step < 2:
            live.next_step()
with open("dvclive/metrics.json") as file:
    summary = json.load(file)
with Live(save_dvc_exp=False, resume=True) as live:
    begun = live.step
    live.log_metric("loss", 9.0)
with open("dvclive/plots/metrics/loss.tsv") as file:
    rows = [(row["step"], row["loss"]) for row in csv.DictReader(file, delimiter="\t")]
print("seen: metrics.json", summary, "resumed at", begun, "rows", rows)
assert begun == 2 and [step for step, _ in rows] == ["0", "1", "2", "2"]
PY
