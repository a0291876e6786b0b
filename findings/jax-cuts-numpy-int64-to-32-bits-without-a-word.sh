#!/usr/bin/env bash
# A time in milliseconds, or a count beyond 2^31, handed to JAX in its default 32-bit mode.
# Guess: OverflowError, as for a Python int, or at least the warning that jnp.int64 is truncated.
# Behaviour: a numpy int64 keeps its lower 32 bits, silently: 1796018950123 becomes 722620395, 2^40 becomes 0.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python jax==0.10.2 numpy==2.4.6
JAX_PLATFORMS=cpu venv/bin/python - <<'PY'
import warnings

import jax
import jax.numpy as jnp
import numpy as np

print("jax", jax.__version__, "numpy", np.__version__)
print("guess: refused, or warned of")
try:
    jnp.asarray(2**40)
    raise SystemExit("a Python int is taken now")
except OverflowError as error:
    print("seen: Python int 2**40: OverflowError:", error)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    seen = {
        "asarray(int64 of 2**40)": int(jnp.asarray(np.int64(2**40))),
        "asarray(int64 of 1796018950123)": int(jnp.asarray(np.int64(1796018950123))),
        "array of int64 [2**40 + 5]": int(jnp.asarray(np.array([2**40 + 5]))[0]),
        "jit(identity)(int64 of 2**40 + 7)": int(jax.jit(lambda step: step)(np.int64(2**40 + 7))),
    }
for what, value in seen.items():
    print(f"seen: {what} = {value}")
print("warnings:", len(told))
assert list(seen.values()) == [0, 722620395, 5, 7] and not told
PY
