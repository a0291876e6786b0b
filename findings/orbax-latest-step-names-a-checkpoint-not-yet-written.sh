#!/usr/bin/env bash
# latest_step() of Orbax while an asynchronous save is under way: what a tracker would log as "saved".
# Guess: the newest step that is whole on disk.
# Behaviour: the step whose save has begun. On disk it is a temporary folder still, and a second process
# that opens the folder at that moment, as a restart after a crash would, is told the older step.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python orbax-checkpoint==0.12.8 jax==0.10.2 numpy==2.4.6
JAX_PLATFORMS=cpu venv/bin/python -W ignore - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import importlib.metadata
import os

import jax.numpy as jnp
import orbax.checkpoint as ocp

print("orbax-checkpoint", importlib.metadata.version("orbax-checkpoint"))
print("guess: latest_step() is the newest checkpoint that could be restored")
path = os.path.abspath("checkpoints")
state = {"w": jnp.ones((6000, 6000))}
with ocp.CheckpointManager(path) as manager:
    manager.save(1, args=ocp.args.StandardSave(state))
    manager.wait_until_finished()
    manager.save(2, args=ocp.args.StandardSave(state))
    told, there = manager.latest_step(), sorted(os.listdir(path))
    print("seen: right after save(2): latest_step()", told, "on disk", there)
    with ocp.CheckpointManager(path) as another:
        restartable = another.latest_step()
    print("seen: a manager opened at that moment says", restartable)
    manager.wait_until_finished()
    print("seen: after wait_until_finished():", sorted(os.listdir(path)))
assert told == 2 and "2" not in there and restartable == 1
PY
