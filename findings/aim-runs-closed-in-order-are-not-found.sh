#!/usr/bin/env bash
# An Aim run is made, tracked and closed; another process reads the repository by Aim's own SDK.
# Guess: Repo.iter_runs() and Repo.get_run() find it.
# Behaviour: they do not (an empty list, None), though list_all_runs() has the hash: they read an index that
# is written by `aim up` or `aim storage reindex`, not by close().
set -euo pipefail
. "$(dirname "$0")/folder"
export HOME="$folder" AIM_ANALYTICS_DISABLED=1
install_python aim==3.29.1 'setuptools==80.9.0'
venv/bin/python -W ignore -c '
from aim import Run
run = Run(repo=".", system_tracking_interval=None, log_system_params=False, capture_terminal_logs=False)
for step in range(3):
    run.track(1.0 / (step + 1), name="loss", step=step)
run.close()'
read_runs() {
  venv/bin/python -W ignore -c '
from aim import Repo
repo = Repo(".")
hashes = list(repo.list_all_runs())
print(len(hashes), "listed,", len(list(repo.iter_runs())), "by iter_runs, get_run gives", type(repo.get_run(hashes[0])).__name__)' 2>errors.txt
}
echo "aim $(venv/bin/pip show aim | sed -n 's/^Version: //p')"
echo "guess: 1 listed, 1 by iter_runs, get_run gives Run"
before="$(read_runs)"
echo "seen: $before"
yes | venv/bin/aim storage --repo . reindex >reindex.txt 2>&1 || [ "$?" = 141 ]
after="$(read_runs)"
echo "seen after reindex: $after"
[ "$before" = "1 listed, 0 by iter_runs, get_run gives NoneType" ]
[ "$after" = "1 listed, 1 by iter_runs, get_run gives Run" ]
