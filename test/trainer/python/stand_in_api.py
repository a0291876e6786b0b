"""A small server that stands in for the API: it takes events, keeps each once and can misbehave."""

import collections
import gzip
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "secret-token-of-the-tests"


class StandIn:
    """
    script: What is done with the next posts, one each, and then all is well:
        {"status": 500, "headers": {...}, "body": ...}: said instead of taking the events.
        {"seconds": 2}: taken, and answered that much later.
        "cut": taken, and the connection is cut before the answer.  "half": half of the answer comes.
        "garbage": not taken, and answered by a page of something else.
    rules: Hold for every post: {"refuse_kind": kind} answers 400 while such an event is in it,
        {"most_events": n} answers 413 above n.
    """

    def __init__(self, script=(), rules=(), port=0):
        self.script = collections.deque(script)
        self.rules = list(rules)
        self.posts = []
        """All requests that posted events, as they came: with repeats."""
        self.events = []
        """Each event once."""
        self.polls = []
        self.connections = 0
        self.control = {}
        self.warnings = []
        self.embed = {"body": {"token": "narrow-token", "project": "mnist", "expires_at": "2030-01-01T00:00:00Z"}}
        """What is answered to who wants to show charts."""
        self.lock = threading.Lock()
        self._ids = set()
        self._sockets = set()
        self._server = None
        self.port = port
        self.come_back()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def come_back(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                with api.lock:
                    api.connections += 1
                    api._sockets.add(self.connection)

            def finish(self):
                with api.lock:
                    api._sockets.discard(self.connection)
                try:
                    super().finish()
                except OSError:
                    pass

            def log_message(self, *_):
                pass

            def do_GET(self):
                api.polls.append(self.path)
                run = urllib.parse.unquote(self.path.split("/")[3])
                self.say({"body": {"run": run, "stop": None, **(api.control.get(run) or {})}})

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    return self.say(
                        {"status": 401, "body": {"title": "The token has expired.", "fix": "Make a new one."}}
                    )
                if self.headers["Content-Encoding"] == "gzip":
                    raw = gzip.decompress(raw)
                if self.path.startswith("/embed"):
                    return self.say(api.embed)
                body = json.loads(raw)
                with api.lock:
                    api.posts.append({"at": time.monotonic(), "path": self.path, **body})
                    act = api.script.popleft() if api.script else None
                self.act(act, body["events"])

            def act(self, act, events):
                if act == "garbage":
                    return self.say({"body": "<html>Sign in to the hotel's network</html>"})
                if isinstance(act, dict) and "status" in act:
                    return self.say(act)
                for rule in api.rules:
                    if any(event["kind"] == rule.get("refuse_kind") for event in events):
                        return self.say(
                            {"status": 400, "body": {"detail": "kind is not liked.", "fix": "Take another."}}
                        )
                    if len(events) > rule.get("most_events", len(events)):
                        return self.say({"status": 413, "body": {"detail": "Too many events."}})
                answer = api.take(events)
                if act == "cut":
                    self.close_connection = True
                    return self.connection.close()
                if isinstance(act, dict):
                    time.sleep(act["seconds"])
                self.say({"body": answer}, half=act == "half")

            def say(self, what, half=False):
                body = what.get("body", {})
                data = (body if isinstance(body, str) else json.dumps(body)).encode()
                try:
                    self.send_response(what.get("status", 200))
                    for name, value in what.get("headers", {}).items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data[: len(data) // 2] if half else data)
                    if half:
                        self.close_connection = True
                except OSError:
                    self.close_connection = True

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                pass  # A connection that was cut.

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, events):
        with self.lock:
            fresh = [event for event in events if event["event_id"] not in self._ids]
            self._ids.update(event["event_id"] for event in fresh)
            self.events.extend(fresh)
        control = {event["run_id"]: self.control.get(event["run_id"], {"stop": None}) for event in events}
        counts = {"accepted": len(fresh), "duplicates": len(events) - len(fresh), "conflicts": []}
        return {**counts, "control": control, "warnings": self.warnings}

    def stop(self, run, reason="enough", actor="ana"):
        """Asks a run to stop, from the next answer on."""
        stop = {"event_id": f"stop-{reason}", "actor": actor, "reason": reason, "at": "2026-01-31T12:00:00Z"}
        self.control[run] = {**self.control.get(run, {}), "stop": stop}

    def adjust(self, run, name, value, reason="flat", actor="ana"):
        """Asks a run for another value, from the next answer on."""
        control = self.control.setdefault(run, {"stop": None})
        asked = {"event_id": f"adjust-{value}", "actor": actor, "reason": reason, "at": "2026-01-31T12:00:00Z"}
        control["adjust"] = {**control.get("adjust", {}), name: {**asked, "value": value}}

    def go_down(self):
        """Cuts every connection and refuses new ones."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        with self.lock:
            for connection in self._sockets:
                try:
                    connection.shutdown(2)
                except OSError:
                    pass

    close = go_down

    def of_kind(self, *kinds):
        return [event for event in self.events if event["kind"] in kinds]


def until(condition, what, seconds=10.0):
    """Waits for a condition, with a deadline instead of a guess."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.005)
