"""Runs the cases of ../cases.json. Standard library only: any interpreter can run it by itself."""

import datetime
import json
import os
import re
import sys
import tempfile
import threading
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "trainer", "python"))
sys.path.insert(0, HERE)

import integraviz  # noqa: E402
from stand_in_api import TOKEN, StandIn, until  # noqa: E402

QUICK = integraviz.Settings(flush=0.01, retry=0.02, retry_most=0.1, poll=0.05, system=0, drain=20, drain_away=0.5)
OWN_KINDS = {"on_train_begin", "on_train_end", "tags", "params", "system", "heartbeat"}

with open(os.path.join(HERE, "..", "cases.json"), encoding="utf-8") as file:
    CASES = [case for case in json.load(file)["cases"] if "python" in case.get("only", ["python"])]


def value_of(said):
    if isinstance(said, list):
        return [value_of(each) for each in said]
    if not isinstance(said, dict):
        return said
    if "$num" in said:
        text = said["$num"]
        return float(text) if text in ("NaN", "Infinity", "-Infinity", "-0") else int(text)
    if "$value" in said:
        if "text" in said:
            return said["text"][0] * said["text"][1]
        if "key" in said:
            return {said["key"][0] * said["key"][1]: 1, "loss": 1}
        return {
            "array": lambda: [1, 2],
            "datetime": lambda: datetime.datetime(2026, 1, 31),
            "number_key": lambda: {7: 1, "loss": 1},
            "many": lambda: {f"metric {index}": 0.123456789 for index in range(said["count"])},
        }[said["$value"]]()
    return {key: value_of(each) for key, each in said.items()}


class CaseRun:
    def __init__(self, case, folder):
        self.case = case
        server = case.get("server", {})
        self.api = StandIn(server.get("script", ()), server.get("rules", ()))
        self.api.warnings = server.get("warnings", [])
        self.said = []
        self.shift = 0.0
        given = case.get("given", {})
        self.given = {
            "url": given.get("url", self.api.url),
            "token": given.get("token", TOKEN),
            "id": "case",
            "folder": folder,
            "provenance": False,
            "settings": QUICK,
        }

    def run(self):
        before = integraviz._print, integraviz._clock
        integraviz._print = self.said.append
        integraviz._clock = lambda: before[1]() + self.shift
        try:
            self.training = integraviz.init(**self.given)
            for call in self.case["do"]:
                self.do(call)
            summary = self.training.finish()
        finally:
            integraviz._print, integraviz._clock = before
            self.api.close()
        self.check(summary)

    def do(self, call):
        name, *rest = call
        run = self.training
        if name in ("times", "threads"):
            count, inner = rest
            if name == "times":
                for _ in range(count):
                    self.do(inner)
                return
            threads = [threading.Thread(target=self.do, args=(inner,)) for _ in range(count)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
        elif name == "log":
            run.log(value_of(rest[0]), **(value_of(rest[1]) if len(rest) > 1 else {}))
        elif name == "event":
            run.event(rest[0], value_of(rest[1]), **(rest[2] if len(rest) > 2 else {}))
        elif name == "finish":
            run.finish(*rest)
        elif name == "stop":
            self.api.stop("case", rest[0])
            until(lambda: run.stop_requested is not None, "the stop is known")
        elif name == "adjust":
            self.api.adjust("case", *rest)
            until(lambda: run.requested(rest[0]) == rest[1], "the request is known")
        elif name in ("applied", "refused"):
            getattr(run, name)(rest[0], value_of(rest[1]), **(rest[2] if len(rest) > 2 else {}))
        elif name == "wait":
            until(lambda: len(self.stored()) >= rest[0], f"{rest[0]} events arrived")
        elif name == "wait_for_warning":
            until(lambda: self.said, "something was said")
        elif name == "clock":
            self.shift += rest[0]
        elif name == "init":
            assert integraviz.init(**self.given) is run
        else:
            getattr(run, name)(value_of(rest[0]))

    def stored(self):
        """In the order in which they were logged: by the writer's counter."""
        return sorted(
            (event for event in self.api.events if event["kind"] not in OWN_KINDS), key=lambda event: event["seq"]
        )

    def check(self, summary):
        expect = self.case["expect"]
        stored = self.stored()
        if "events" in expect:
            assert len(stored) == len(expect["events"]), stored
            for event, wanted in zip(stored, expect["events"]):
                found = {field: event.get(field) for field in wanted}
                assert json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True), (found, wanted)
        else:
            assert len(stored) == expect["stored"], (len(stored), self.said)
        seqs = [event["seq"] for event in self.api.events]
        assert len(set(seqs)) == len(seqs)
        ends = [event["logs"]["status"] for event in self.api.of_kind("on_train_end")]
        assert ends == ([] if summary.kept else [expect.get("end", "finished")]), ends
        for field in ("kept", "refused", "undelivered"):
            assert getattr(summary, field) == expect.get(field, 0), (field, summary, self.said)
        assert summary.dropped == 0
        patterns = expect.get("warnings", [])
        assert len(self.said) == len(patterns), (self.said, patterns)
        for pattern in patterns:
            assert any(re.search(pattern, line) for line in self.said), (pattern, self.said)
        assert not any(TOKEN in line for line in self.said)
        assert len(self.api.posts) >= expect.get("posts", 0), len(self.api.posts)
        if "seconds" in expect:
            assert self.api.posts[-1]["at"] - self.api.posts[0]["at"] >= expect["seconds"]


def run_case(case):
    with tempfile.TemporaryDirectory() as folder:
        CaseRun(case, folder).run()


if __name__ == "__main__":
    failed = 0
    for case in CASES:
        try:
            run_case(case)
        except Exception:
            failed += 1
            print(f"{case['name']}:\n{traceback.format_exc()}")
    print(f"{len(CASES) - failed} of {len(CASES)} cases pass on Python {sys.version.split()[0]}")
    sys.exit(1 if failed else 0)
