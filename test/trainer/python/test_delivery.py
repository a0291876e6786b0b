"""What is sent when: one thread, bounded, in batches, and the training waits for none of it."""

import threading
import time

import pytest

import integraviz
from case_runner import QUICK
from stand_in_api import TOKEN, until


def test_a_run_begins_with_what_it_was_given_and_ends_with_its_status(begin, api):
    with begin(name="first", params={"lr": 0.1}, tags=["mnist"], group="folds") as run:
        run.log({"loss": 1.0}, step=0)
    assert [event["kind"] for event in api.events] == [
        "on_train_begin", "params", "tags", "tags", "heartbeat", "on_train_batch_end", "on_train_end",
    ]  # fmt: skip
    assert api.of_kind("params")[0]["logs"] == {"lr": 0.1}
    assert [event["logs"] for event in api.of_kind("tags")] == [{"name": "first", "group": "folds"}, {"mnist": True}]
    assert api.of_kind("on_train_end")[0]["logs"] == {"status": "finished"}
    assert {event["run_id"] for event in api.events} == {"r"}


@pytest.mark.parametrize(
    "error, status, last",
    [
        (ValueError("too large"), "failed", "ValueError: too large"),
        (KeyboardInterrupt(), "stopped", "KeyboardInterrupt"),
        (SystemExit(3), "failed", "SystemExit: 3"),
    ],
)
def test_an_exception_ends_the_run_and_goes_on(begin, api, error, status, last):
    with pytest.raises(type(error)):
        with begin():
            raise error
    assert api.of_kind("on_train_end")[0]["logs"] == {"status": status, "error": last}


def test_many_events_are_few_requests_over_one_connection_gzipped(begin, api):
    run = begin()
    for step in range(10_000):
        run.log({"loss": 0.5}, step=step)
    summary = run.finish()
    assert summary.delivered == len(api.events) == 10_003
    assert len(api.posts) < 40
    assert api.connections == 1
    assert [event["step"] for event in api.of_kind("on_train_batch_end")] == list(range(10_000))


def test_a_log_of_a_value_that_changes_afterwards_is_as_it_was(begin, api):
    numpy = pytest.importorskip("numpy")
    run = begin()
    values = {"a": 1.0, "b": numpy.array(1.0), "c": numpy.array([2.0])}
    run.log(values, step=0)
    values["a"] = 5.0
    values["b"][...] = 5.0
    values["c"] += 5.0
    run.finish()
    assert api.of_kind("on_train_batch_end")[0]["logs"] == {"a": 1.0, "b": 1.0, "c": 2.0}


def test_a_slow_server_does_not_hold_up_the_loop(begin, api):
    api.script.extend([{"seconds": 1}] * 3)
    run = begin()
    longest = 0.0
    for step in range(5_000):
        before = time.perf_counter()
        run.log({"loss": 0.5}, step=step)
        longest = max(longest, time.perf_counter() - before)
    assert longest < 0.9
    assert run.finish().delivered == 5_003


def test_the_oldest_points_go_first_and_are_counted(begin, api, said, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    api.go_down()
    quick = integraviz.Settings(**{**QUICK.__dict__, "capacity": 100, "drain_away": 20})
    run = begin(settings=quick, folder=str(blocked), params={"lr": 1})
    for step in range(1_000):
        run.log({"loss": 0.5}, step=step)
        if step % 50 == 0:
            time.sleep(0.03)
    until(lambda: any("oldest points are dropped" in line for line in said), "it is told")
    api.come_back()
    summary = run.finish()
    kept = [event["step"] for event in api.of_kind("on_train_batch_end")]
    # Beside those in the queue there are those of the request that was being tried.
    assert kept[-50:] == list(range(950, 1_000)) and len(kept) < 500
    assert api.of_kind("params") and api.of_kind("on_train_begin") and api.of_kind("on_train_end")
    assert summary.dropped - (1_000 - len(kept)) in (0, 1)  # The first heartbeat may have gone too.
    assert sum(event["logs"].get("dropped", 0) for event in api.of_kind("system")) == summary.dropped
    assert len([line for line in said if "the oldest points are dropped" in line]) == 1


def test_an_idle_run_beats_and_is_told_to_stop(begin, api):
    stops = []
    run = begin(on_stop=stops.append, settings=integraviz.Settings(**{**QUICK.__dict__, "heartbeat": 0.1}))
    until(lambda: len(api.of_kind("heartbeat")) > 2, "it beats")
    assert api.of_kind("heartbeat")[0]["logs"] == {"interval_s": 0.1}
    api.stop("r", "enough")
    until(lambda: stops, "it is told")
    assert run.stop_requested == stops[0] == integraviz.Stop("stop-enough", "ana", "enough", "2026-01-31T12:00:00Z")
    assert list(run.until_stopped(range(3))) == []
    run.finish()
    end = api.of_kind("on_train_end")[0]["logs"]
    assert end == {"status": "stopped", "actor": "ana", "reason": "enough", "stop_event_id": "stop-enough"}
    assert len(stops) == 1


def test_an_on_stop_that_raises_is_told(begin, api, said):
    def on_stop(_stop):
        raise ValueError("not ours")

    run = begin(on_stop=on_stop)
    api.stop("r")
    until(lambda: run.stop_requested, "the stop is known")
    run.finish()
    assert "on_stop failed: not ours" in said


@pytest.mark.parametrize(
    "answer",
    [{"control": {"r": None}}, {"control": {"r": "stop"}}, {"control": []}, {}, {"control": {"r": {"stop": 5}}}],
)
def test_a_run_goes_on_whatever_the_answer_says(begin, api, said, answer):
    api.script.append({"status": 200, "body": {"accepted": 1, **answer}})
    run = begin()
    run.log({"loss": 1})
    assert run.finish().delivered == 4
    assert run.stop_requested is None and said == []


def test_a_server_that_is_away_is_not_waited_for_at_the_end(begin, api, said):
    api.go_down()
    run = begin()
    run.log({"loss": 1})
    before = time.monotonic()
    summary = run.finish()
    assert time.monotonic() - before < 5
    assert (summary.kept, summary.undelivered) == (4, 0)
    assert [line for line in said if "python -m integraviz sync" in line]


def test_a_second_init_ends_the_first_run_unless_told_otherwise(begin, api, said):
    first = begin(id="first")
    second = begin(id="second")
    third = begin(id="third", alongside=True)
    integraviz.log({"loss": 1}, step=0)
    assert [first._summary is None, second._summary is None, third._summary is None] == [False, True, True]
    assert integraviz.finish().delivered == 4
    third.finish()
    assert len(said) == 1 and "run first ends here" in said[0]
    assert [event["run_id"] for event in api.of_kind("on_train_batch_end")] == ["second"]


def test_a_run_is_resumed_by_its_id_and_its_counter_goes_on(begin, api):
    begin().finish()
    again = begin()
    again.log({"loss": 1}, step=0)
    again.finish()
    seqs = [event["seq"] for event in api.events]
    assert seqs == sorted(seqs)
    assert len(api.of_kind("on_train_begin")) == 2


def test_one_of_several_ranks_begins_and_ends_the_run(begin, api):
    runs = [begin(rank=0, alongside=True)]
    for run in runs:
        run.log({"loss": 1}, step=0)
        run.finish()
    other = begin(rank=1, params={"lr": 1})
    other.log({"loss": 2}, step=0)
    other.finish()
    assert [event.get("writer") for event in api.of_kind("on_train_batch_end")] == ["0", "1"]
    assert len(api.of_kind("on_train_begin")) == len(api.of_kind("on_train_end")) == 1
    failing = begin(rank=1)
    failing.finish("failed")
    assert api.of_kind("on_train_end")[-1]["logs"] == {"status": "failed"}


def test_an_answer_that_purges_is_told(begin, api, said):
    api.script.append({"status": 200, "body": {"accepted": 1, "purged": ["x"], "conflicts": ["y"]}})
    assert begin().finish().refused == 1
    assert [line for line in said if "was purged" in line] and [line for line in said if "under the same id" in line]


def test_a_project_that_cannot_be_is_mended_and_told(begin, api, said):
    begin(project="my project!").finish()
    assert {event["project"] for event in api.events} == {"my-project"}
    assert said == ["'my project!' is no project's name (letters, digits, dots, dashes): my-project is used."]


@pytest.mark.parametrize(
    "more, wanted",
    [
        ({"project": 5}, "project"),
        ({"project": b"p"}, "project"),
        ({"token": f"{TOKEN}\n"}, None),
        ({"token": TOKEN.encode()}, None),
        ({"id": ".."}, "a run cannot have the id '..': it is "),
        ({"settings": {"flush": 1}}, "settings are no Settings, but a dict: the defaults are used."),
        ({"mode": "ONLINE"}, "mode 'ONLINE' is none of online, durable, offline: online is used."),
    ],
)
def test_what_init_is_given_by_mistake_costs_no_run(begin, api, said, more, wanted):
    run = begin(**more)
    run.log({"loss": 1})
    assert run.finish().delivered == 4, said
    if wanted == "project":
        assert said == [] and {event["project"] for event in api.events} == {"5" if more["project"] == 5 else "p"}
    else:
        assert len(said) == (wanted is not None) and all(line.startswith(str(wanted)) for line in said), said
    assert not any(event["run_id"] in (".", "..") for event in api.events)


def test_a_url_that_is_none_keeps_the_run(begin, said):
    assert begin(url=5).finish().kept == 3
    assert said[0].startswith("5 is no address")


def test_a_log_after_the_end_is_told(begin, api, said):
    run = begin()
    run.log({"loss": 1})
    run.finish()
    run.log({"loss": 2})
    assert said == ["a log came after the end of run r and is not sent."]


def test_the_token_is_never_said(begin, api, said):
    run = begin()
    api.script.append({"status": 400, "body": {"detail": f"bad {TOKEN}"}})
    run._say(f"something with {TOKEN}")
    run.finish()
    assert said and not any(TOKEN in line for line in said)


def test_whatever_is_logged_nothing_raises(begin, said):
    class Hostile:
        def __float__(self):
            raise RuntimeError("no")

        def __repr__(self):
            raise RuntimeError("no")

        __str__ = __repr__

    run = begin(params=Hostile(), tags=5)
    for odd in (None, 5, [1], {"a": Hostile()}, {Hostile(): 1}, {"a": b"x"}, {"a": 1j}, {"a" * 300: 1}, {"\ud800": 1}):
        run.log(odd)
        run.event("note", odd)
        run.params(odd)
        run.tags(odd)
        run.image("x", odd)
        run.histogram("x", odd)
        run.event(odd, {})
        run.checkpoint(odd)
    run.log({}, step=Hostile(), epoch=[])
    run.define("a", Hostile())
    assert run.finish(status=5).undelivered == 0
    assert not any("fault" in line for line in said), said


def test_threads_that_end_runs_together_end_them_once(begin, api):
    run = begin()
    threads = [threading.Thread(target=run.finish) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(api.of_kind("on_train_end")) == 1
