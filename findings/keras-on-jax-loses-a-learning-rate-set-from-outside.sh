#!/usr/bin/env bash
# Keras 3 on JAX: a callback sets the learning rate of a model it holds by a variable of its own, as a
# remote control or a tuner would, instead of by self.model.
# Guess: the same object, so the same effect.
# Behaviour: nothing is raised and nothing changes, during training and after it; reading the weights by
# that variable fails. Only the property self.model brings the state of the compiled step back first.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python keras==3.15.1 jax==0.10.2 numpy==2.4.6
KERAS_BACKEND=jax JAX_PLATFORMS=cpu HOME="$folder" venv/bin/python -W ignore - <<'PY'
import jax
import keras
import numpy as np

print("keras", keras.__version__, "on jax", jax.__version__)
print("guess: learning_rate = 0 in batch 2 stops the weights, by whichever name the model is reached")
draw = np.random.default_rng(0)
x = draw.normal(size=(320, 8)).astype("float32")
y = (x[:, :1] > 0).astype("float32")


def trained(by_self):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    notes = []

    class Control(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                (self.model if by_self else model).optimizer.learning_rate = 0.0
                notes.append("set without an error")
                try:
                    notes.append(f"weights read, {len((self.model if by_self else model).get_weights())} arrays")
                except TypeError as error:
                    notes.append(f"get_weights raises TypeError: {error}")

    model.fit(x, y, epochs=1, verbose=0, callbacks=[Control()])
    return float(np.asarray(model.optimizer.learning_rate)), notes


outside, outside_notes = trained(by_self=False)
inside, inside_notes = trained(by_self=True)
print(f"seen: self.model: {inside_notes}, learning rate afterwards {inside}")
print(f"seen: a variable: {outside_notes}, learning rate afterwards {outside:.3f}")
assert inside == 0.0
assert abs(outside - 0.1) < 1e-6 and outside_notes[0] == "set without an error"
assert "TypeError" in outside_notes[1]
PY
