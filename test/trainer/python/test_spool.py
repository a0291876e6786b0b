"""What cannot be sent is kept in a file and sent later, once."""

import json
import os
import subprocess
import sys
import time

import pytest

import integraviz
from conftest import CLIENT
from stand_in_api import TOKEN, StandIn, until


def kept(folder):
    return integraviz._spool_files(str(folder))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


def test_offline_opens_no_socket_and_sync_sends_all_of_it_once(begin, api, said, folder):
    run = begin(mode="offline")
    for step in range(1_000):
        run.log({"loss": 0.5}, step=step)
    summary = run.finish()
    assert (summary.kept, api.connections) == (1_003, 0)
    assert TOKEN not in open(kept(folder)[0]).read()
    api.script.append("cut")
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (1, 1_003, 0, 0)
    assert len(api.events) == 1_003 and kept(folder) == []


def test_an_outage_in_the_middle_of_10_000_events_loses_none(begin, api, folder):
    run = begin()
    for step in range(10_000):
        run.log({"loss": 0.5}, step=step)
        if step == 2_000:
            until(lambda: len(api.events) > 100, "some arrived")
            api.go_down()
        if step == 6_000:
            until(lambda: kept(folder), "a file is made")
            api.come_back()
        if step % 100 == 0:
            time.sleep(0.002)
    summary = run.finish()
    assert summary.kept == summary.dropped == summary.undelivered == 0
    assert sorted(event["step"] for event in api.of_kind("on_train_batch_end")) == list(range(10_000))
    assert kept(folder) == []


def test_the_next_run_sends_what_the_last_one_left(begin, api, folder):
    api.go_down()
    begin(id="first").finish()
    assert len(kept(folder)) == 1
    api.come_back()
    run = begin(id="second")
    until(lambda: not kept(folder), "it is sent")
    run.finish()
    assert {event["run_id"] for event in api.events} == {"first", "second"}


def test_what_is_meant_for_another_server_stays(begin, api, said, folder):
    begin(mode="offline", url="http://127.0.0.1:9").finish()
    run = begin(id="second")
    until(lambda: api.polls, "it has the time")
    run.finish()
    assert len(kept(folder)) == 1
    assert integraviz.sync(str(folder), api.url, TOKEN, said.append).sent == 3


def test_a_file_in_use_is_left_alone(begin, api, said, folder):
    run = begin(mode="offline")
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (0, 0, 0, 1)
    run.finish()
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (1, 3, 0, 0)


def test_a_server_that_is_away_leaves_the_file_and_what_was_sent_is_not_sent_again(
    begin, api, said, folder, monkeypatch
):
    run = begin(mode="offline")
    for step in range(9_000):
        run.log({"loss": 0.5}, step=step)
    run.finish()
    monkeypatch.setattr(integraviz.time, "sleep", lambda _seconds: None)
    api.script.extend([{"seconds": 0}] + [{"status": 503}] * 5)
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (0, 4_000, 0, 1)
    assert any("is left: 503" in line for line in said)
    posts = len(api.posts)
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (1, 5_003, 0, 0)
    assert len(api.posts) - posts == 2 and len(api.events) == 9_003


def test_torn_lines_and_strange_files_are_passed_over(begin, api, said, folder):
    run = begin(mode="offline")
    run.log({"loss": 1})
    run.finish()
    path = kept(folder)[0]
    with open(path, "r+") as file:
        lines = file.read().splitlines()
        file.seek(0)
        file.write("\n".join([lines[0], lines[1], lines[2][:30], "#sent x", *lines[3:], lines[-1][:40]]))
    (folder / "spool" / "other.ndjson").write_text("not ours\n")
    (folder / "spool" / "just begun.ndjson").write_text("")
    said.clear()
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (1, 3, 0, 2)
    assert any(line.startswith("2 lines of") and "were torn" in line for line in said), said
    assert any("other.ndjson is left: its first line" in line for line in said), said


def test_what_the_server_refuses_is_put_aside(begin, api, said, folder):
    api.rules.append({"refuse_kind": "bad"})
    run = begin(mode="offline")
    run.event("bad", {"a": 1})
    run.log({"loss": 1})
    run.finish()
    path = kept(folder)[0]
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append) == (1, 4, 1, 0)
    assert json.loads(open(f"{path}.refused").read())["kind"] == "bad"


def test_the_command_sends_and_says_so(begin, api, folder):
    begin(mode="offline").finish()

    def command(*words):
        environment = {**os.environ, "INTEGRAVIZ_DIR": str(folder), "PYTHONPATH": CLIENT, "INTEGRAVIZ_TOKEN": TOKEN}
        words = [sys.executable, "-B", "-m", "integraviz", *words]
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)

    done = command("sync", "--url", api.url)
    assert (done.returncode, done.stdout) == (0, "3 events of 1 files sent, 0 files left\n")
    assert command("sync", "--url", "nowhere").returncode == 0
    assert "nowhere is no address" in command("sync", "--url", "nowhere").stderr
    assert "sync" in command("--help").stdout and "send what runs kept" in command().stdout


def test_durable_survives_kill_9_with_all_of_1_000_logs(script, api, said, folder):
    api.go_down()
    process = script(
        """
run = begin(mode="durable")
for step in range(1_000):
    run.log({"loss": 0.5, "accuracy": 0.25}, step=step)
os.kill(os.getpid(), 9)
"""
    )
    assert process.returncode == -9
    api.come_back()
    integraviz.sync(url=api.url, token=TOKEN, say=said.append)
    assert [event["step"] for event in api.of_kind("on_train_batch_end")] == list(range(1_000))


def test_durable_sends_while_it_runs_and_leaves_no_file(begin, api, folder):
    run = begin(mode="durable")
    run.log({"loss": 1})
    until(lambda: api.of_kind("on_train_batch_end"), "it is sent")
    assert len(kept(folder)) == 1
    assert run.finish() == (4, 0, 0, 0, 0)
    assert kept(folder) == []


def test_by_default_kill_9_loses_no_more_than_one_flush_interval(script, api):
    process = script(
        """
run = begin(settings=integraviz.Settings(flush=0.2, system=0))
for step in range(1_000):
    run.log({"loss": 0.5}, step=step)
    time.sleep(0.001)
os.kill(os.getpid(), 9)
"""
    )
    assert process.returncode == -9
    assert len(api.of_kind("on_train_batch_end")) > 300


def test_a_run_whose_server_is_away_survives_kill_9_but_for_one_flush_interval(script, api, said, folder):
    api.go_down()
    process = script(
        """
run = begin()
for step in range(1_000):
    run.log({"loss": 0.5}, step=step)
deadline = time.monotonic() + 10
while run._sender.inbox or run._sender._outbox:
    assert time.monotonic() < deadline
    time.sleep(0.01)
time.sleep(0.1)
os.kill(os.getpid(), 9)
"""
    )
    assert process.returncode == -9, process.errors
    api.come_back()
    integraviz.sync(url=api.url, token=TOKEN, say=said.append)
    assert len(api.of_kind("on_train_batch_end")) == 1_000


@pytest.fixture
def small_disk(tmp_path):
    where = tmp_path / "small"
    where.mkdir()
    if sys.platform != "linux" or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", where]).returncode:
        pytest.skip("a file system of 1 MB cannot be made here")
    yield where
    subprocess.run(["umount", "-l", where], check=True)


@pytest.mark.parametrize("mode", ["durable", "online"])
def test_a_full_disk_is_a_warning_and_loses_nothing(begin, api, said, small_disk, mode):
    api.go_down()
    run = begin(mode=mode, folder=str(small_disk))
    for step in range(8_000):
        run.log({"loss": 0.5, "accuracy": 0.25}, step=step)
        if step % 200 == 0:
            time.sleep(0.005)
    until(lambda: any("cannot be written" in line for line in said), "the disk is full")
    api.come_back()
    summary = run.finish(timeout=20)
    assert (summary.kept, summary.dropped, summary.undelivered) == (0, 0, 0)
    assert sorted(event["step"] for event in api.of_kind("on_train_batch_end")) == list(range(8_000))
    assert len([line for line in said if "No space left on device" in line]) == 1


def test_a_folder_that_cannot_be_written_is_a_warning(begin, api, said, tmp_path):
    (tmp_path / "file").write_text("")
    run = begin(mode="durable", folder=str(tmp_path / "file"))
    run.log({"loss": 1})
    assert run.finish().delivered == 4
    assert len(said) == 1 and "cannot be written" in said[0]


def test_a_file_that_grew_begins_anew_when_all_of_it_was_sent(begin, api, folder, monkeypatch):
    run = begin(mode="durable")
    for step in range(3):
        run.event("note", {"text": "x" * 2_000_000}, step=step)
        until(lambda: len(api.of_kind("note")) == step + 1, "it is sent")
    for step in range(3, 10):
        run.event("note", {"text": "x" * 2_000_000}, step=step)
    until(lambda: len(api.of_kind("note")) == 10, "all are sent")
    until(lambda: os.path.getsize(kept(folder)[0]) < 1_000, "it begins anew")
    run.log({"loss": 1}, step=1)
    until(lambda: api.of_kind("on_train_batch_end"), "it goes on")
    assert run.finish().kept == 0


def test_what_a_second_server_says_is_not_the_first_ones(begin, said, folder):
    first, second = StandIn(), StandIn()
    begin(id="a", url=first.url, mode="offline").finish()
    begin(id="b", url=second.url, mode="offline").finish()
    begin(id="c", url=first.url).finish()
    assert {event["run_id"] for event in second.events} == set()
    first.close()
    second.close()


@pytest.mark.parametrize("secret", ["?token={}", "@"])
def test_a_secret_in_the_url_stays_out_of_the_file_which_is_sent_all_the_same(begin, api, said, folder, secret):
    word = "not-for-the-disk"
    plain = api.url.replace("://", f"://ann:{word}@") if secret == "@" else api.url + secret.format(word)
    begin(mode="offline", url=plain).finish()
    assert word not in open(kept(folder)[0]).read()
    run = begin(id="second", url=plain)
    until(lambda: not kept(folder), "it is sent")
    run.finish()
    assert {event["run_id"] for event in api.events} == {"r", "second"}


def test_an_answer_that_repeats_the_token_is_said_without_it(begin, api, said):
    begin(mode="offline").finish()
    api.script.append({"status": 401, "body": {"detail": f"{TOKEN} is not known."}})
    said.clear()
    assert integraviz.sync(url=api.url, token=TOKEN, say=said.append).left == 1
    assert any("401 *** is not known" in line for line in said), said
