"""From the click to the stop: at most a second until the run knows, and then the batch in hand.

The client's clock is the test's, and its thread takes a turn when that clock says so: what is shown
is what the settings promise, on any machine. Requests take no time on it.
"""

import os
import threading
import time

import pytest

import integraviz

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

WITHIN = 1.0


class Clockwork:
    """A run with the client's own settings, on a clock that goes on when it is told to."""

    def __init__(self, monkeypatch, given, **settings):
        self.now = 1_000.0
        monkeypatch.setattr(integraviz, "_monotonic", lambda: self.now)
        # A thread that never runs: advance() takes its turns.
        monkeypatch.setattr(integraviz._Sender, "_start", lambda sender: setattr(sender, "thread", threading.Thread()))
        self.run = integraviz.init(**{**given, "settings": integraviz.Settings(system=0, **settings)})
        self._sender = self.run._sender
        self._due = self.now
        self.advance(0)

    def advance(self, seconds):
        """Lets the clock go on, with a turn wherever one is due; one that something wakes comes at once."""
        end = self.now + seconds
        while self._sender.alarm.qsize() or self._due <= end:
            self.now = max(self.now, min(self._due, end)) if not self._sender.alarm.qsize() else self.now
            while self._sender.alarm.qsize():
                self._sender.alarm.get()
            self._sender._turn(self.now)
            self._due = self.now + self._sender._patience()
        self.now = end


@pytest.fixture
def clockwork(monkeypatch, given, said, request):
    clockwork = Clockwork(monkeypatch, given, **getattr(request, "param", {}))
    yield clockwork
    monkeypatch.setattr(integraviz, "_monotonic", time.monotonic)
    clockwork.run.finish()


@pytest.mark.parametrize("clockwork", [{}, {"flush": 0.4}, {"flush": 0.95}], indirect=True)
@pytest.mark.parametrize("after", [0.0, 0.1, 0.3, 0.49, 0.51, 0.7, 0.99, 1.3])
def test_a_run_that_says_nothing_knows_within_a_second(clockwork, api, after):
    clockwork.advance(10)
    before = len(api.polls) + len(api.posts)
    clockwork.advance(100)
    # One question a second, where no heartbeat asks, and no more.
    assert 98 <= len(api.polls) + len(api.posts) - before <= 102
    clockwork.advance(after)
    api.stop("r", "enough")
    asked = clockwork.now
    while clockwork.run.stop_requested is None:
        clockwork.advance(0.01)
    assert clockwork.now - asked <= WITHIN + 0.01


@pytest.mark.parametrize("batch", [0.003, 0.2, 0.7, 5.0])
@pytest.mark.parametrize("after", [0.0, 0.33, 0.8])
def test_a_loop_ends_within_a_second_and_a_batch(clockwork, api, batch, after):
    run = clockwork.run
    asked = None
    for step in run.until_stopped(range(20_000)):
        # The click comes while a batch is under way.
        part = after * batch if asked is None and step * batch >= 20 else 0
        clockwork.advance(part)
        if part or asked is None and step * batch >= 20:
            api.stop("r", "enough")
            asked = clockwork.now
        clockwork.advance(batch - part)
        run.log({"loss": 1.0}, step=step)
    assert asked is not None and clockwork.now - asked <= WITHIN + batch
    assert run.stop_requested is not None


@pytest.mark.parametrize("batch", [0.05, 0.6, 3.0])
def test_keras_ends_within_a_second_and_a_batch(clockwork, api, batch):
    pytest.importorskip("jax")
    keras = pytest.importorskip("keras")
    numpy = pytest.importorskip("numpy")
    times = []

    class Batches(keras.callbacks.Callback):
        def on_train_batch_end(self, _batch, logs=None):
            if len(times) == 30:
                clockwork.advance(batch / 3)
                api.stop("r", "enough")
                clockwork.asked = clockwork.now
                clockwork.advance(batch * 2 / 3)
            else:
                clockwork.advance(batch)
            times.append(clockwork.now)

    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = numpy.ones((64, 2))
    callbacks = [Batches(), integraviz.Integraviz(clockwork.run)]
    model.fit(x, x[:, 0], epochs=100, batch_size=8, verbose=0, callbacks=callbacks)
    assert len(times) < 100 and times[-1] - clockwork.asked <= WITHIN + batch
