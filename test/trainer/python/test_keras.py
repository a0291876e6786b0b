"""Keras 3 itself, on JAX: names, splits, steps and epochs as it counts them, stop, failure."""

import math
import os

import pytest

import integraviz
from stand_in_api import until

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
keras = pytest.importorskip("keras")
pytest.importorskip("jax")
import numpy  # noqa: E402


@pytest.fixture
def data():
    random = numpy.random.default_rng(1)
    return random.normal(size=(80, 4)).astype("float32"), random.integers(0, 3, 80)


def model_of(metrics=("accuracy",), **compiled):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(
        **{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": list(metrics), **compiled}
    )
    return model


def points(api, *kinds):
    return api.of_kind(*(kinds or ("on_train_batch_end",)))


def test_batches_and_epochs_are_logged_as_keras_counts_them(begin, api, data):
    run = begin()
    model = model_of()
    fit = model.fit(
        *data, epochs=2, batch_size=16, validation_split=0.2, verbose=0, callbacks=[integraviz.Integraviz(run)]
    )
    run.finish()
    train = [event for event in points(api) if "loss" in event["logs"]]
    assert [(event["epoch"], event["step"]) for event in train] == [(0, n) for n in range(4)] + [
        (1, n) for n in range(4, 8)
    ]
    assert set(train[0]["logs"]) == {"loss", "accuracy"}
    validation = [event for event in points(api) if "val_loss" in event["logs"]]
    assert [(event["epoch"], event["step"]) for event in validation] == [(0, 0), (1, 1)]
    epochs = points(api, "on_epoch_end")
    assert [event["epoch"] for event in epochs] == [0, 1]
    assert set(epochs[0]["logs"]) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    for name in ("loss", "val_loss", "val_accuracy"):
        assert [event["logs"][name] for event in epochs] == fit.history[name]
    assert epochs[0]["logs"]["learning_rate"] == pytest.approx(0.001)
    assert [event["epoch"] for event in points(api, "on_epoch_begin")] == [0, 1]
    params = points(api, "params")[0]["logs"]
    assert params["epochs"] == 2 and params["weights"] == 15 and params["optimizer"] == "Adam"


def test_several_batches_an_execution_are_counted_by_their_last_and_never_beyond_the_epoch(begin, api, data):
    run = begin()
    model_of(steps_per_execution=3).fit(
        *data, epochs=2, batch_size=10, verbose=0, callbacks=[integraviz.Integraviz(run)]
    )
    run.finish()
    assert [event["step"] for event in points(api)] == [2, 5, 7, 10, 13, 15]


def test_a_run_of_its_own_begins_and_ends_with_the_training(api, data, said, given):
    callback = integraviz.Integraviz(**given, project="mnist")
    model = model_of()
    model.fit(*data, epochs=1, batch_size=40, verbose=0, callbacks=[callback])
    assert [event["logs"] for event in points(api, "on_train_end")] == [{"status": "finished"}]
    model.evaluate(*data, batch_size=40, verbose=0, callbacks=[callback])
    test = points(api, "on_epoch_end")[-1]
    assert set(test["logs"]) == {"test_loss", "test_accuracy"} and test["epoch"] == 0
    model.fit(*data, epochs=1, batch_size=40, verbose=0, callbacks=[callback])
    assert [event["step"] for event in points(api)] == [0, 1, 2, 3]
    assert points(api, "on_train_end")[-1]["logs"] == {"status": "finished"}
    assert len({event["run_id"] for event in api.events}) == 1 and {event["project"] for event in api.events} == {
        "mnist"
    }
    assert said == []


def test_a_metric_of_several_values_is_logged_by_value(begin, api, data):
    x, y = data
    run = begin()
    model_of([keras.metrics.F1Score()], loss="categorical_crossentropy").fit(
        x, keras.utils.to_categorical(y), epochs=1, verbose=0, callbacks=[integraviz.Integraviz(run, batches=False)]
    )
    run.finish()
    logs = points(api, "on_epoch_end")[0]["logs"]
    assert {"f1_score/0", "f1_score/1", "f1_score/2", "loss"} <= set(logs)
    assert points(api) == []


def test_a_loss_that_is_nan_is_kept(begin, api, data):
    x, y = data
    run = begin()
    model_of().fit(x * math.nan, y, epochs=1, verbose=0, callbacks=[integraviz.Integraviz(run)])
    run.finish()
    assert points(api, "on_epoch_end")[0]["logs"]["loss"] == {"$num": "NaN"}


def test_a_stop_ends_it_after_the_batch_in_hand(begin, api, data):
    run = begin()
    batches = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)
            if len(batches) == 2:
                api.stop("r", "enough")
                until(lambda: run.stop_requested, "the stop is known")

    model_of().fit(*data, epochs=50, batch_size=8, verbose=0, callbacks=[Watch(), integraviz.Integraviz(run)])
    run.finish()
    assert len(batches) == 2
    assert points(api, "on_train_end")[0]["logs"]["status"] == "stopped"


FIT = """
os.environ['KERAS_BACKEND'] = 'jax'
os.environ['JAX_PLATFORMS'] = 'cpu'
import keras, numpy
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
model.compile('sgd', 'mse')
def hook(epoch, logs):
    if epoch == 1: raise {error}
callbacks = [integraviz.Integraviz(settings=QUICK, provenance=False), keras.callbacks.LambdaCallback(on_epoch_end=hook)]
try:
    model.fit(numpy.ones((8, 4)), numpy.ones(8), epochs=3, verbose=0, callbacks=callbacks)
except {caught}:
    pass
"""


@pytest.mark.parametrize(
    "error, caught, end",
    [
        ("ValueError('too large')", "ZeroDivisionError", {"status": "failed", "error": "ValueError: too large"}),
        ("KeyboardInterrupt", "ZeroDivisionError", {"status": "stopped", "error": "KeyboardInterrupt"}),
        ("ValueError", "ValueError", {"status": "failed", "error": "The training ended without saying so."}),
    ],
)
def test_an_exception_in_training_ends_the_run(script, api, error, caught, end):
    script(FIT.format(error=error, caught=caught))
    assert [event["logs"] for event in points(api, "on_train_end")] == [end]
    assert [event["epoch"] for event in points(api, "on_epoch_end")] == [0, 1]
