#!/usr/bin/env bash
# Orbax keeps the best checkpoints by loss, and the training diverges: loss NaN.
# Guess: a NaN is never better than a number, so the good checkpoint stays.
# Behaviour: best_step() names the diverged one, and with max_to_keep=1 the good one is deleted for it.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python orbax-checkpoint==0.12.8 jax==0.10.2 numpy==2.4.6
JAX_PLATFORMS=cpu venv/bin/python -W ignore - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import importlib.metadata
import os

import jax.numpy as jnp
import orbax.checkpoint as ocp

print("orbax-checkpoint", importlib.metadata.version("orbax-checkpoint"))
print("guess: after losses 0.5 and NaN, best_mode='min', max_to_keep=1: step 0 is best and kept")
options = ocp.CheckpointManagerOptions(best_fn=lambda metrics: metrics["loss"], best_mode="min", max_to_keep=1)
with ocp.CheckpointManager(os.path.abspath("checkpoints"), options=options) as manager:
    for step, loss in enumerate([0.5, float("nan")]):
        manager.save(step, args=ocp.args.StandardSave({"w": jnp.full(4, loss)}), metrics={"loss": loss})
        manager.wait_until_finished()
        print(f"seen: step {step}, loss {loss}: best_step() {manager.best_step()}, kept {manager.all_steps()}")
    assert manager.best_step() == 1 and list(manager.all_steps()) == [1]
PY
