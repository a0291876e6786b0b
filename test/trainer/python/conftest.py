import json
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = os.path.abspath(os.path.join(HERE, "..", "..", "..", "trainer", "python"))
sys.path[:0] = [CLIENT, HERE]
sys.dont_write_bytecode = True

import integraviz  # noqa: E402
from case_runner import QUICK  # noqa: E402
from stand_in_api import TOKEN, StandIn  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--torch", action="store_true", help="also what needs torch: 5.7 GB of it, installed beforehand")


def pytest_configure(config):
    config.addinivalue_line("markers", "torch: needs torch, lightning and transformers; run with --torch")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if "torch" in item.keywords and not config.getoption("--torch"):
            item.add_marker(pytest.mark.skip(reason="needs torch (5.7 GB): npm run test:python -- --torch"))


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No test reads what the machine is set to, or leaves a run behind."""
    for name in [name for name in os.environ if name.startswith("INTEGRAVIZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("INTEGRAVIZ_DIR", str(tmp_path / "kept"))
    yield
    for run in list(integraviz._runs):
        run.finish(timeout=1)


@pytest.fixture
def said(monkeypatch):
    """What the client says on stderr, line by line."""
    lines = []
    monkeypatch.setattr(integraviz, "_print", lines.append)
    return lines


@pytest.fixture
def api():
    api = StandIn()
    yield api
    api.close()


@pytest.fixture
def given(api):
    """What `init` and callbacks with a run of their own take, to send to the stand-in."""
    return {"id": "r", "url": api.url, "token": TOKEN, "provenance": False, "settings": QUICK}


@pytest.fixture
def begin(given, said):
    """Begins a run that is sent to the stand-in."""
    return lambda **more: integraviz.init(**{**given, **more})


@pytest.fixture
def script(api, tmp_path):
    """Runs Python text in a process of its own, with `begin()` for a run that is sent to the stand-in.

    Returns the process, which has ended unless wait is False.
    """

    def script(text, wait=True, executable=sys.executable, **variables):
        path = tmp_path / "script.py"
        path.write_text(
            "import os, sys, time, threading, integraviz\n"
            "from case_runner import QUICK\n"
            "def begin(**given):\n"
            "    return integraviz.init(**{'id': 'r', 'provenance': False, 'settings': QUICK, **given})\n" + text
        )
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([CLIENT, HERE]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "INTEGRAVIZ_URL": api.url,
            "INTEGRAVIZ_TOKEN": TOKEN,
            **variables,
        }
        process = subprocess.Popen(
            [executable, str(path)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if wait:
            process.output, process.errors = process.communicate(timeout=60)
        return process

    return script


# For python.test.ts, which tells vitest of each test here.


REPORT = open(os.environ["PYTEST_REPORT"], "w", encoding="utf-8") if "PYTEST_REPORT" in os.environ else None


def pytest_runtest_logreport(report):
    if REPORT is not None and (report.when == "call" or report.outcome != "passed"):
        said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "")
        line = {"test": report.nodeid, "outcome": report.outcome, "said": said}
        REPORT.write(json.dumps(line) + "\n")
        REPORT.flush()
