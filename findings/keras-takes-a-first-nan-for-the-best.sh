#!/usr/bin/env bash
# val_loss of the first epoch is NaN (an empty validation batch, a metric not yet defined), later ones are sound.
# Guess: NaN is never better than a number: training goes on, and ModelCheckpoint saves the later epochs.
# Behaviour: the first value is the best whatever it is, and nothing is better than NaN: EarlyStopping ends
# after its patience, ModelCheckpoint(save_best_only=True) keeps the first epoch for good, ReduceLROnPlateau
# falls while the loss improves. A NaN that comes later is no improvement, as one guesses.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python keras==3.15.1 jax==0.10.2 numpy==2.4.6
KERAS_BACKEND=jax JAX_PLATFORMS=cpu HOME="$folder" venv/bin/python -W ignore - <<'PY'
import os

import keras
import numpy as np

print("keras", keras.__version__)
print("guess: 5 epochs; epochs 2 to 5 are saved; the learning rate stays")
VALUES = [float("nan"), 1.0, 0.5, 0.4, 0.3]


class Feed(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = VALUES[epoch]


def epochs_with(callback):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    x = np.zeros((4, 2), "float32")
    fit = model.fit(x, x[:, :1], epochs=5, verbose=0, callbacks=[Feed(), callback])
    return len(fit.epoch), round(float(np.asarray(model.optimizer.learning_rate)), 6)


os.mkdir("saved")
stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2)
saving = keras.callbacks.ModelCheckpoint(
    "saved/{epoch}.weights.h5", monitor="val_loss", save_best_only=True, save_weights_only=True
)
falling = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", patience=2, factor=0.1)
stopped, _ = epochs_with(stopping)
epochs_with(saving)
_, rate = epochs_with(falling)
print("seen: EarlyStopping ends after epoch", stopped, "best", stopping.best)
print("seen: saved:", os.listdir("saved"), "learning rate from 0.1 to", rate)
assert stopped == 3 and os.listdir("saved") == ["1.weights.h5"] and rate == 0.001
PY
