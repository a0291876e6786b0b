"""The ends of a process, its threads and its children."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading

import pytest

import integraviz
from stand_in_api import TOKEN, until

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def ends(api):
    return [event["logs"] for event in api.of_kind("on_train_end")]


@pytest.mark.parametrize(
    "text, status",
    [
        ("", {"status": "finished"}),
        ("sys.exit(0)", {"status": "finished"}),
        ("raise ValueError('too\\nlarge')", {"status": "failed", "error": "ValueError: too\nlarge"}),
        ("raise KeyboardInterrupt", {"status": "stopped", "error": "KeyboardInterrupt"}),
        ("run._training = True", {"status": "failed", "error": "The training ended without saying so."}),
    ],
)
def test_the_end_of_a_script_ends_its_run(script, api, text, status):
    process = script(f"run = begin()\nfor step in range(100): run.log({{'loss': 1}}, step=step)\n{text}\n")
    assert ends(api) == [status]
    assert len(api.of_kind("on_train_batch_end")) == 100
    assert "integraviz" not in process.errors.replace("import integraviz", "")


def test_a_traceback_is_printed_as_without_us(script):
    assert script("begin()\nraise ValueError('x')\n").errors.rstrip().endswith("ValueError: x")


@pytest.fixture
def terminated(script):
    """Ends Python text by SIGTERM once it has run. Returns the exit code and what it wrote to stderr."""

    def terminated(text):
        process = script(text + "\nprint('on', flush=True)\ntime.sleep(60)\n", wait=False)
        process.stdout.readline()
        process.terminate()
        return process.wait(20), process.stderr.read()

    return terminated


@posix
def test_sigterm_drains_and_still_ends_the_process(terminated, api):
    code, _ = terminated("run = begin()\nrun.log({'loss': 1})")
    assert code == -signal.SIGTERM
    assert ends(api) == [{"status": "stopped", "reason": "SIGTERM"}]
    assert len(api.of_kind("on_train_batch_end")) == 1


@posix
def test_sigterm_of_a_program_that_handles_it_is_left_to_it(terminated, api):
    code, _ = terminated("""
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
run = begin()
""")
    assert code == 7
    assert ends(api) == [{"status": "finished"}]


@posix
def test_a_server_that_never_answers_does_not_keep_sigterm_waiting(terminated, api):
    api.script.extend([{"seconds": 60}] * 3)
    code, errors = terminated("""
from dataclasses import replace
run = begin(settings=replace(QUICK, drain_signal=0.5))
run.log({'loss': 1})
time.sleep(0.2)
""")
    assert code == -signal.SIGTERM
    assert "kept in" in errors


@posix
def test_many_runs_share_the_time_that_sigterm_leaves(terminated, api):
    api.script.extend([{"seconds": 60}] * 30)
    code, errors = terminated("""
from dataclasses import replace
runs = [begin(id=str(n), alongside=True, settings=replace(QUICK, drain_signal=4)) for n in range(6)]
for run in runs: run.log({'loss': 1})
time.sleep(0.2)
""")
    assert code == -signal.SIGTERM
    assert errors.count("kept in") == 6


@posix
def test_a_forked_child_adds_to_the_run_and_does_not_end_it(script, api):
    process = script(
        """
run = begin()
for step in range(500): run.log({'loss': 1}, step=step)
child = os.fork()
for step in range(500): run.log({'loss': 2}, step=step)
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    )
    assert process.returncode == 0, process.errors
    points = api.of_kind("on_train_batch_end")
    assert len(points) == 1_500
    assert len({event["event_id"] for event in points}) == 1_500
    assert sorted({event.get("writer", "")[:4] for event in points}) == ["", "pid "]
    assert ends(api) == [{"status": "finished"}]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_of_multiprocessing_add_to_the_run(script, api, method):
    process = script(
        """
import multiprocessing
def work(run, number):
    for step in range(100): run.log({'loss': number}, step=step)
if __name__ == '__main__':
    context = multiprocessing.get_context(os.environ['METHOD'])
    run = begin(token='secret-token-of-the-tests')
    children = [context.Process(target=work, args=(run, number)) for number in range(3)]
    for child in children: child.start()
    for child in children: child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
""",
        METHOD=method,
        INTEGRAVIZ_TOKEN="",
    )
    assert process.returncode == 0, process.errors
    points = api.of_kind("on_train_batch_end")
    assert len(points) == 300, (len(points), process.errors)
    assert len({event["writer"] for event in points}) == 3
    assert ends(api) == [{"status": "finished"}]
    assert len(api.of_kind("on_train_begin")) == 1


@posix
def test_a_pool_that_is_ended_by_force_drains(script, api):
    process = script(
        """
import multiprocessing
def work(number):
    run.log({'loss': number}, step=number)
    return number
run = begin()
with multiprocessing.get_context('fork').Pool(2) as pool:
    assert pool.map(work, range(50)) == list(range(50))
"""
    )
    assert process.returncode == 0, process.errors
    assert sorted(event["step"] for event in api.of_kind("on_train_batch_end")) == list(range(50))


def test_a_run_that_is_stored_takes_no_token_along(begin):
    assert TOKEN.encode() not in pickle.dumps(begin())


def test_a_copy_of_a_run_is_that_run(begin):
    import copy

    run = begin()
    assert copy.copy(run) is run and copy.deepcopy({"a": run})["a"] is run


def test_one_thread_sends(begin):
    before = threading.active_count()
    run = begin()
    run.log({"loss": 1})
    assert threading.active_count() == before + 1
    run.finish()
    until(lambda: threading.active_count() == before, "it ends")


def test_importing_it_does_nothing_and_needs_little(script):
    text = "import sys, threading; sys.path.insert(0, sys.argv[1]); import integraviz"
    text += "; print(threading.active_count(), 'numpy' in sys.modules)"
    words = [sys.executable, "-S", "-B", "-c", text, os.path.dirname(integraviz.__file__)]
    process = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert process.stdout == "1 False\n", process.stderr


def test_settings_come_from_arguments_then_the_environment_then_the_nearest_file(tmp_path, monkeypatch):
    monkeypatch.delenv("INTEGRAVIZ_DIR")
    near, far = tmp_path / "a" / "b", tmp_path / ".integraviz"
    near.mkdir(parents=True)
    far.mkdir()
    (far / "endpoint.json").write_text('{"url": "http://file:1/", "token": "file", "readToken": "x"}')
    monkeypatch.chdir(near)
    found = integraviz.find_endpoint()
    assert found == ("http://file:1", "file", None, str(far), None)
    monkeypatch.setenv("INTEGRAVIZ_URL", "http://environment:2")
    assert "the token is missing" in integraviz.find_endpoint().problem
    monkeypatch.setenv("INTEGRAVIZ_TOKEN", "environment")
    monkeypatch.setenv("INTEGRAVIZ_PROJECT", "p")
    assert integraviz.find_endpoint()[:3] == ("http://environment:2", "environment", "p")
    assert integraviz.find_endpoint("http://argument:3", "t", "q")[:3] == ("http://argument:3", "t", "q")
    (far / "endpoint.json").write_text("{")
    monkeypatch.delenv("INTEGRAVIZ_URL")
    assert "start the stack again" in integraviz.find_endpoint().problem


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4080", "ftp://a", "http://", "http://a:b", "http://[::1", "x", "http://a:0"]
)
def test_an_address_that_is_none_is_refused(url):
    assert "is no address" in integraviz.find_endpoint(url, "t").problem


@pytest.mark.parametrize("token", ["a b", "a\nb", "é"])
def test_a_token_that_is_none_is_refused_and_not_shown(token):
    problem = integraviz.find_endpoint("http://a", token).problem
    assert "has a character that no token has" in problem and token not in problem


def test_a_cell_that_fails_ends_only_the_training_in_it(begin, api, monkeypatch):
    class Shell:
        def __init__(self):
            self.events = self

        def register(self, name, hook):
            assert name == "post_run_cell"
            self.hook = hook

    class Result:
        error_in_exec = None

    shell = Shell()
    monkeypatch.setitem(sys.modules, "IPython", type("IPython", (), {"get_ipython": staticmethod(lambda: shell)}))
    integraviz._hook_notebook()
    run = begin()
    result = Result()
    result.error_in_exec = KeyboardInterrupt()
    shell.hook(result)
    run.log({"loss": 1})
    assert ends(api) == []
    run._training = True
    result.error_in_exec = ValueError("x")
    shell.hook(result)
    assert ends(api) == [{"status": "failed", "error": "ValueError: x"}]
