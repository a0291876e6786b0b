"""Integraviz for Python: what happens in a training run, sent while it happens.

    import integraviz

    with integraviz.init(project="mnist", params={"learning_rate": 0.001}) as run:
        for step in run.until_stopped(range(1000)):
            run.log({"loss": 0.3}, step=step)

One file, standard library only, Python 3.8 or newer. A call that logs costs microseconds, never
blocks and never raises: the server may be slow, away or broken without the training noticing.
What cannot be sent is kept in a file, and `python -m integraviz sync` sends it.

Where to, in this order: arguments, the environment (`INTEGRAVIZ_URL`, `INTEGRAVIZ_TOKEN`,
`INTEGRAVIZ_PROJECT`), `.integraviz/endpoint.json` in this folder or one above it, which
`npm start` writes.

Callbacks are in this file too, and import their framework when they are first named:
`Integraviz` (Keras 3, tf.keras), `LightningLogger`, `LightningCallback`, `HFCallback`,
`XGBoostCallback`, `LightGBMCallback`, `CatBoostCallback`, `OptunaCallback`, and the function
`log_estimator` (scikit-learn).
"""

from __future__ import annotations

import argparse
import atexit
import base64
import collections
import dataclasses
import datetime
import email.utils
import enum
import getpass
import gzip
import hashlib
import html
import http.client
import importlib
import itertools
import json
import math
import os
import platform
import queue
import random
import re
import shlex
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import traceback
import types
import urllib.parse
import urllib.request
import zlib
from typing import (
    Any,
    Callable,
    Dict,
    Generator,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    Union,
)

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__version__ = "0.1.0"

_T = TypeVar("_T")

# Looking an address up loads this codec. A child forked by the training while that happens in the
# client's thread would never find it (seen on CPython 3.11.7), so it is loaded before.
"localhost".encode("idna")

# Tests put clocks of their own here.
_clock = time.time
_monotonic = time.monotonic


# --- Settings -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Settings:
    """How the client sends. Times are seconds, sizes bytes."""

    flush: float = 0.5
    """Time from an event to its request."""
    wake_events: int = 1_000
    """Events that wait, from which on they are sent before their time."""
    batch_events: int = 4_000
    """Events in one request."""
    batch_bytes: int = 4 * 1024 * 1024
    capacity: int = 50_000
    """Events kept in memory. Past it the oldest points go first, what a run is never."""
    capacity_bytes: int = 64 * 1024 * 1024
    timeout: float = 30.0
    """Time to wait for an answer."""
    retry: float = 0.25
    """First wait after a failure. It doubles up to `retry_most`, and half of it is left to chance."""
    retry_most: float = 10.0
    heartbeat: float = 10.0
    """Time without an event after which a heartbeat goes out."""
    poll: float = 1.0
    """How often an idle run asks what was asked of it."""
    system: float = 10.0
    """Time between two samples of the machine; 0 takes none."""
    drain: float = 30.0
    """How long the end of a run waits for the delivery."""
    drain_away: float = 5.0
    """The same when the server is away: then what is left is in a file."""
    drain_signal: float = 5.0
    """The same when the process is being ended by SIGTERM."""


# The server's limits (functions/event.ts), and this client's own.
_NAME_CHARACTERS = 250
_LOGS_BYTES = 2 * 1024 * 1024
_IMAGE_BYTES = 256 * 1024
_LONGEST_RETRY_AFTER = 3_600.0
_ANSWER_BYTES = 16 * 1024 * 1024
_GZIP_FROM = 32 * 1024
_DEPTH = 24
_CONSOLE_CHARACTERS = 64 * 1024
_RESERVED_KINDS = frozenset(["stop_requested", "adjust_requested", "end_marked", "view_saved", "alert", "purge"])

SPLITS = {"train": "", "validation": "val_", "test": "test_"}
"""What stands before a metric's name, by the data it was measured on."""


class Endpoint(NamedTuple):
    """Where a run is sent. Without a URL it is kept in a file."""

    url: Optional[str]
    token: Optional[str]
    project: Optional[str]
    folder: str
    """Where files of what was not sent are kept."""
    problem: Optional[str]
    """Why nothing can be sent."""


def find_endpoint(
    url: Optional[str] = None,
    token: Optional[str] = None,
    project: Optional[str] = None,
    folder: Optional[str] = None,
) -> Endpoint:
    """Reads where to send: arguments, then the environment, then `.integraviz/endpoint.json`.

    A URL that is given is never sent the token of a file: that one is good for another server.
    """
    environment = os.environ.get
    url = _stripped(url) or _stripped(environment("INTEGRAVIZ_URL"))
    token = _stripped(token) or _stripped(environment("INTEGRAVIZ_TOKEN"))
    project = _stripped(project) or _stripped(environment("INTEGRAVIZ_PROJECT"))
    folder = _stripped(folder) or _stripped(environment("INTEGRAVIZ_DIR"))
    problem = None
    found = _nearest_endpoint_file(folder)
    if url is None and found is not None:
        try:
            with open(found, encoding="utf-8") as file:
                said = json.load(file)
            url, token = str(said["url"]), token or str(said["token"])
        except (OSError, ValueError, KeyError, TypeError):
            problem = f"{found} has no url and token: start the stack again (npm start)"
    if folder is None:
        folder = os.path.dirname(found) if found else os.path.join(os.path.expanduser("~"), ".integraviz")
    if problem is None:
        problem = _endpoint_problem(url, token)
    return Endpoint(url.rstrip("/") if url else None, token, project, folder, problem)


def _stripped(given: Any) -> Optional[str]:
    """As text, without the line end that a file or a copied cell brings along. None where nothing is left."""
    if given is None:
        return None
    return (given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)).strip() or None


def _endpoint_problem(url: Optional[str], token: Optional[str]) -> Optional[str]:
    if url is None:
        return "no server is named: give init(url=, token=), or set INTEGRAVIZ_URL and INTEGRAVIZ_TOKEN"
    try:
        parts = urllib.parse.urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        return f"{_masked(url)} is no address: one looks like http://127.0.0.1:4080"
    if not token:
        return "the token is missing: give one with ingest scope, as token= or INTEGRAVIZ_TOKEN"
    if re.search(r"[^\x21-\x7e]", token):
        return "the token has a character that no token has: copy it again"
    return None


def _nearest_endpoint_file(folder: Optional[str]) -> Optional[str]:
    if folder is not None:
        path = os.path.join(folder, "endpoint.json")
        return path if os.path.isfile(path) else None
    try:
        at = os.getcwd()
    except OSError:  # It was removed.
        return None
    while True:
        path = os.path.join(at, ".integraviz", "endpoint.json")
        if os.path.isfile(path):
            return path
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above


# --- Values ---------------------------------------------------------------------------------------

# Types whose values cannot change after they were logged, so that they may wait as they are.
_UNCHANGING = {float, int}
_SAFE = 2**53


class _Refused(Exception):
    """A value that makes no metric, with the fix."""


def _frozen(values: Dict[Any, Any]) -> Dict[Any, Any]:
    """The values as they are now: what the training may change in place is read or copied."""
    return {key: _freeze(value) for key, value in values.items()}


def _freeze(value: Any) -> Any:
    kind = type(value)
    if kind in _UNCHANGING or value is None or isinstance(value, (str, bytes, bool, datetime.date)):
        return value
    module = kind.__module__.partition(".")[0]
    if module == "numpy":
        if not hasattr(value, "__setitem__"):
            _UNCHANGING.add(kind)
            return value
        # Of a masked value .item() is 0.0 (findings/README.md, K1).
        if kind.__module__.startswith("numpy.ma") and value.mask.all():
            return _Refused("is masked: leave it out")
        return value.item() if value.size == 1 else _array_refusal(value.shape)
    if module == "torch":
        if value.numel() != 1:
            return _array_refusal(tuple(value.shape))
        value = value.detach()
        # Reading from a GPU waits for it: that is left to the sender, from a copy.
        return value.item() if value.device.type == "cpu" else value.clone()
    if kind.__name__ == "ArrayImpl" and module in ("jax", "jaxlib"):
        return _jax_scalar(value)
    if module == "mlx" and kind.__name__ == "array":
        # Only its own thread can begin its evaluation, any can read it then (findings/README.md, K4).
        sys.modules["mlx.core"].async_eval(value)
        return value
    if module in ("jax", "jaxlib") or kind.__name__ == "EagerTensor":
        return value
    if isinstance(value, Mapping):
        return {key: _freeze(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return _array_refusal((len(value),))
    if callable(getattr(value, "numpy", None)):
        return _freeze(value.numpy())
    return value


_jax_copy: Any = None


def _jax_scalar(value: Any) -> Any:
    """A copy, under way on its device: the next step may be given the buffer itself, which is then deleted
    (`donate_argnums`; findings/README.md, K2)."""
    global _jax_copy
    if value.size != 1:
        return _array_refusal(value.shape)
    try:
        if _jax_copy is None:
            jax = sys.modules["jax"]
            _jax_copy = jax.jit(jax.numpy.copy)
        # The part that is here: of an array over several hosts no computation may begin on one of them alone.
        return _jax_copy(value.addressable_data(0))
    except RuntimeError:  # It is deleted already.
        return _Refused("was deleted when a step took its buffer: log it before, or do not donate it")


def _array_refusal(shape: Tuple[int, ...]) -> _Refused:
    return _Refused(f"is an array of shape {shape}: log its mean, or one number for each element")


def _num(value: Union[int, float]) -> Any:
    """The number as JSON holds it exactly: NaN, infinities, -0 and large integers as {"$num": ...}."""
    if isinstance(value, int):
        return value if -_SAFE < value < _SAFE else {"$num": str(value)}
    if value != value:
        return {"$num": "NaN"}
    if value in (math.inf, -math.inf):
        return {"$num": "Infinity" if value > 0 else "-Infinity"}
    if value == 0 and math.copysign(1, value) < 0:
        return {"$num": "-0"}
    return value


def _metric(value: Any) -> Any:
    """A metric's value as JSON, of a Python number or a scalar of any framework."""
    kind = type(value)
    if kind is float:
        return value if value - value == 0.0 and value != 0.0 else _num(value)
    if isinstance(value, _Refused):
        raise value
    if value is None:
        raise _Refused("is None: leave it out")
    if isinstance(value, bool) or kind.__name__ in ("bool_", "bool"):
        raise _Refused("is a boolean: give 0 or 1")
    if isinstance(value, (str, bytes)):
        raise _Refused("is text: give a number; text goes into tags, params or event()")
    if isinstance(value, (datetime.date, datetime.timedelta, datetime.time)):
        raise _Refused("is a time: give seconds as a number")
    if isinstance(value, int):
        if value.bit_length() > 1_000:
            raise _Refused("is an integer beyond what a double holds")
        return _num(int(value))
    if isinstance(value, float):
        return _num(float(value))
    shape = getattr(value, "shape", ())
    if math.prod(shape) != 1:
        raise _array_refusal(tuple(shape))
    plain = value.item() if hasattr(value, "item") else float(value)
    if isinstance(plain, (bool, complex)):
        raise _Refused(f"is {type(plain).__name__}: give a real number")
    return _num(plain if isinstance(plain, int) else float(plain))


def _text(text: str) -> str:
    """Without NUL and half surrogate pairs, which no store has a place for."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _json(value: Any, depth: int = 0) -> Any:
    """Any value as JSON: exact numbers, short arrays as lists, what JSON has no word for as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, enum.Enum):
        return _json(value.value, depth + 1)
    if isinstance(value, int):
        return _num(int(value)) if value.bit_length() <= 1_000 else str(value)
    if isinstance(value, float):
        return _num(float(value))
    if depth < _DEPTH:
        fields = _fields(value)
        if fields is not None:
            return {_text(str(key)): _json(item, depth + 1) for key, item in fields.items()}
        if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
            return [_json(_entry(value, index), depth + 1) for index in range(len(value))]
        if isinstance(value, (set, frozenset)):
            return sorted((_json(item, depth + 1) for item in value), key=str)
        to_list = getattr(value, "tolist", None)
        if callable(to_list) and math.prod(getattr(value, "shape", ())) <= 1_000:
            return _json(to_list(), depth + 1)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return _text(str(os.fspath(value)))
    if isinstance(value, type) or callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return _text(_shown(value, 500))


def _fields(value: Any) -> Optional[Mapping[str, Any]]:
    """What a dict, or an object that holds a configuration, has by name. None where it is neither.

    Besides the standard library's: OmegaConf and ml_collections, attrs, pydantic (findings/README.md,
    K7 to K11). What they cannot tell, such as a value that is not set yet, is "???".
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, Mapping):
        return {key: _entry(value, key) for key in value}
    if isinstance(value, type):
        return None
    if isinstance(value, (argparse.Namespace, types.SimpleNamespace)):
        return vars(value)
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(value, "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in value.__attrs_attrs__}
    if hasattr(value, "__pydantic_fields__") or hasattr(value, "__fields_set__"):
        return dict(value)
    if type(value).__name__ in ("ConfigDict", "FrozenConfigDict"):
        return {key: _entry(value, key) for key in value}
    return None


def _entry(of: Any, key: Any) -> Any:
    try:
        return of[key]
    except Exception:
        return "???"


def _shown(value: Any, most: int = 60) -> str:
    """As Python shows it, whatever it is."""
    try:
        return repr(value)[:most]
    except Exception:
        return f"a {type(value).__name__}"


_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _logs_text(logs: Optional[Mapping[str, Any]]) -> Optional[str]:
    """An event's logs as JSON text. Raises _Refused where it is too large."""
    if logs is None:
        return None
    text = _encode(_json(logs))
    if len(text) > _LOGS_BYTES:
        raise _Refused(f"has logs of {len(text):,} bytes; an event takes {_LOGS_BYTES:,}: log less at a time")
    return text


class _Metrics:
    """Turns what was logged into an event's logs, and tells of each value that makes no metric."""

    def __init__(self, warn: Callable[[Optional[str], str], None]) -> None:
        self._warn = warn

    def text(self, values: Mapping[Any, Any], split: Optional[str]) -> Optional[str]:
        prefix = ""
        if split is not None:
            prefix = SPLITS.get(split, "") if isinstance(split, str) else ""
            if not isinstance(split, str) or split not in SPLITS:
                said = _shown(split)
                self._warn(f"split {said}", f"split {said} is none of {', '.join(SPLITS)}: it is left out.")
        logs: Dict[str, Any] = {}
        self._add(logs, values, prefix, "")
        if not logs:
            return None
        text = _encode(logs)
        if len(text) <= _LOGS_BYTES:
            return text
        self._warn("large", f"a log of {len(text):,} bytes is not sent, at most {_LOGS_BYTES:,}: log less at a time.")
        return None

    def _add(self, logs: Dict[str, Any], values: Mapping[Any, Any], prefix: str, path: str) -> None:
        for key, value in values.items():
            if not isinstance(key, str):
                self._left_out(_shown(key), "is a name that is no text: name metrics by text")
                continue
            name = path + key
            if isinstance(value, dict):
                self._add(logs, value, prefix, f"{name}/")
            elif len(name) > _NAME_CHARACTERS:
                self._left_out(name[:40] + "...", f"is longer than {_NAME_CHARACTERS} characters: shorten it")
            elif not name.isprintable():
                self._left_out(repr(name), "has a character that cannot be printed: rename it")
            else:
                try:
                    logs[name if not prefix or name.startswith(prefix) else prefix + name] = _metric(value)
                except _Refused as why:
                    self._left_out(name, str(why))
                except Exception:
                    self._left_out(name, f"is a {type(value).__name__}: give a number")

    def _left_out(self, name: str, why: str) -> None:
        self._warn(f"value {name}", f"{name} {why}. It is left out.")


# --- Events ---------------------------------------------------------------------------------------


class _Ids:
    """UUIDs version 7 (RFC 9562): each sorts after the one before, also when the clock steps back."""

    def __init__(self) -> None:
        # Of its own: training seeds the common one, and two runs of one seed shall not meet.
        self._random = random.Random()
        self._last = 0
        self._counter = 0

    def next(self, at: float) -> str:
        ms = min(max(int(at * 1000), 0), 2**48 - 1)
        bits = self._random.getrandbits(74)
        if ms > self._last:
            self._last = ms
            # Half of the counter's range is left free, so that a busy millisecond seldom borrows from the next.
            self._counter = bits >> 63
        else:
            self._counter += 1
            if self._counter > 0xFFF:
                self._last += 1
                self._counter = 0
        tail = bits & 0x3FFFFFFFFFFFFFFF | 0x8000000000000000
        text = f"{self._last:012x}7{self._counter:03x}{tail:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class _Writer:
    """Writes events as JSON: the fields every event of this process has, ids, counter and time."""

    def __init__(self, project: Optional[str], run: str, writer: str) -> None:
        head = {"project": project, "run_id": run, "writer": writer or None}
        self._head = _encode({key: value for key, value in head.items() if value is not None})[:-1]
        self._ids = _Ids()
        self._seq = 0
        self._second = -1
        self._second_text = ""

    def event(
        self,
        kind: str,
        at: float,
        logs: Optional[str],
        step: Optional[int] = None,
        epoch: Optional[int] = None,
        batch: Optional[int] = None,
    ) -> str:
        self._seq = seq = max(self._seq + 1, int(at * 1e6))
        parts = [self._head, ',"event_id":"', self._ids.next(at), f'","seq":{seq},"kind":', _encode(kind)]
        for name, value in (("epoch", epoch), ("step", step), ("batch", batch)):
            if value is not None:
                parts.append(f',"{name}":{_encode(_num(value))}')
        created = self._created(at)
        if created is not None:
            parts.append(f',"created_at":"{created}"')
        if logs is not None:
            parts.append(f',"logs":{logs}')
        parts.append("}")
        return "".join(parts)

    def _created(self, at: float) -> Optional[str]:
        second = math.floor(at)
        if second != self._second:
            if not 0 <= second < 250_000_000_000:
                return None
            self._second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = second
        return f"{self._second_text}.{min(999_999, int((at - second) * 1e6)):06d}Z"


def _whole(value: Any) -> Optional[int]:
    """A step or epoch as an integer of 64 bits. Raises _Refused where it is none."""
    if value is None or type(value) is int and -_SAFE < value < _SAFE:
        return value
    try:
        item = getattr(value, "item", None)
        plain: Any = item() if callable(item) else value
        whole = int(plain)
        if isinstance(plain, bool) or whole != plain or not -(2**63) <= whole < 2**63:
            raise ValueError
    except Exception:
        raise _Refused("is no whole number of 64 bits") from None
    return whole


# Beginning and end of a run are kept to the last; params and tags before; points and samples go first.
_TIERS = {"heartbeat": 0, "system": 0, "console": 0, "params": 2, "tags": 2, "on_train_begin": 3, "on_train_end": 3}
_LAST_TO_GO = 3


def _tier_of(kind: str) -> int:
    return _TIERS.get(kind, 0 if "_batch_" in kind else 1)


class _Outbox:
    """Events that wait in memory, oldest first, up to a number of them and of bytes.

    When it is full the oldest of tier 0 goes first, then of tier 1. Tiers 2 and 3 push nothing of
    these out: they may stand above the bound, up to as much again, and then push each other out.
    """

    def __init__(self, capacity: int, capacity_bytes: int) -> None:
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._order = itertools.count()
        self._tiers: List[collections.deque[Tuple[int, str]]] = [collections.deque() for _ in range(4)]
        self._bytes = [0, 0, 0, 0]

    def __len__(self) -> int:
        return sum(map(len, self._tiers))

    def add(self, text: str, tier: int) -> int:
        """Takes the event in. Returns how many were dropped for it."""
        if len(text) > self._capacity_bytes:
            return 1
        self._tiers[tier].append((next(self._order), text))
        self._bytes[tier] += len(text)
        counted, going = ((0, 1, 2, 3), (0, 1)) if tier < 2 else ((2, 3), (2, 3))
        dropped = 0
        while (
            sum(len(self._tiers[each]) for each in counted) > self._capacity
            or sum(self._bytes[each] for each in counted) > self._capacity_bytes
        ):
            oldest = next((each for each in going if self._tiers[each]), None)
            if oldest is None:
                break
            self._shift(oldest)
            dropped += 1
        return dropped

    def take(self, count: int, most_bytes: int) -> List[str]:
        """Takes out the oldest: at most so many and, but for the first, at most so many bytes."""
        taken: List[str] = []
        size = 0
        while len(taken) < count:
            heads = [(tier[0][0], each) for each, tier in enumerate(self._tiers) if tier]
            if not heads:
                break
            _, oldest = min(heads)
            text = self._tiers[oldest][0][1]
            size += len(text)
            if taken and size > most_bytes:
                break
            taken.append(self._shift(oldest))
        return taken

    def _shift(self, tier: int) -> str:
        _, text = self._tiers[tier].popleft()
        self._bytes[tier] -= len(text)
        return text


# --- Spool: events in a file ----------------------------------------------------------------------


class _Spool:
    """A file of events that survives the process: one line each, after a line that says whose.

    `#sent N` says that all up to byte N was delivered. A line that was torn off by a full disk is
    passed over by whoever reads. Holds no token.
    """

    def __init__(self, folder: str, run: str, header: Mapping[str, Any]) -> None:
        where = os.path.join(folder, "spool")
        os.makedirs(where, mode=0o700, exist_ok=True)
        name = re.sub(r"[^\w.-]", "_", run)[:60]
        self.path = os.path.join(where, f"{name}-{os.getpid()}-{os.urandom(3).hex()}.ndjson")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(self.path, flags, 0o600)
        self._torn = False
        self._reader = None
        try:
            _lock_file(self._file)
            self.append([_encode({"integraviz_spool": 1, **header})])
            self._reader = open(self.path, "rb")
            self._begin = self._at = self._next = os.fstat(self._file).st_size
        except OSError:
            self.remove()
            raise

    def append(self, texts: Iterable[str]) -> None:
        """Hands the events to the operating system. Raises OSError when the disk takes no more."""
        data = "".join([f"{text}\n" for text in texts]).encode()
        if self._torn:
            data = b"\n" + data
        view = memoryview(data)
        self._torn = True
        while view:
            written = os.write(self._file, view)
            view = view[written:]
        self._torn = False

    def take(self, count: int, most_bytes: int) -> List[str]:
        """Reads the oldest that were not delivered. They stay until `delivered`."""
        texts, self._next = _read_events(self._reader, self._at, count, most_bytes)
        return texts

    def delivered(self) -> None:
        """All that was taken arrived. Begins the file anew when nothing is left and it has grown."""
        self._at = self._next
        try:
            if self.size() <= self._at and self._at > 16 * 1024 * 1024:
                os.ftruncate(self._file, self._begin)
                self._at = self._next = self._begin
                # The one there is may hold what stood there before.
                reader, self._reader = self._reader, open(self.path, "rb")
                if reader is not None:
                    reader.close()
            else:
                os.write(self._file, f"#sent {self._at}\n".encode())
        except OSError:
            pass  # They are sent again, and stored once.

    def is_empty(self) -> bool:
        texts, at = _read_events(self._reader, self._at, 1, 1)
        if not texts:
            self._at = at
        return not texts

    def size(self) -> int:
        return os.fstat(self._file).st_size

    def remove(self) -> None:
        try:
            os.unlink(self.path)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._file >= 0:
            os.close(self._file)
        self._file = -1


def _read_events(reader: Any, at: int, count: int, most_bytes: int) -> Tuple[List[str], int]:
    """Events from a place in the file, and the place behind them. The last line may not be whole yet."""
    texts: List[str] = []
    size = 0
    reader.seek(at)
    while len(texts) < count:
        line = reader.readline()
        if not line.endswith(b"\n"):
            break
        if line.startswith(b'{"') and not line.startswith(b'{"integraviz_spool"'):
            size += len(line)
            if texts and size > most_bytes:
                break
            try:
                text = line.decode().rstrip("\n")
                json.loads(text)
                texts.append(text)
            except ValueError:
                pass  # Torn.
        at += len(line)
    return texts, at


def _torn_lines(file: Any) -> int:
    """How many lines hold no event and were not meant to hold none."""
    file.seek(0)
    torn = 0
    for line in file:
        if line.startswith(b"#") or not line.strip():
            continue
        try:
            torn += not isinstance(json.loads(line), dict)
        except ValueError:
            torn += 1
    return torn


def _lock_file(file: int) -> bool:
    """Whether this process has the file for itself, until it closes it or dies."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False


# --- HTTP -----------------------------------------------------------------------------------------


class _Outcome(NamedTuple):
    """What came of one request.

    kind: `taken` (2xx with a JSON object); `later` (worth trying again as it is: no connection,
    time-out, 408, 425, 429, 5xx); `barred` (nothing can be sent this way until someone mends it:
    token, address, a redirect, a proxy); `refused` (what was sent is at fault, as an error document
    says, or 413, which any server on the way may answer).
    """

    kind: str
    why: str = ""
    answer: Mapping[str, Any] = {}
    retry_after: Optional[float] = None


class _Http:
    """Requests over one connection that is kept open. Never raises, never says the token."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        self._url = url
        self._parts = urllib.parse.urlsplit(url)
        self._token = token
        self._timeout = timeout
        self._connection: Optional[http.client.HTTPConnection] = None

    def post_events(self, texts: Sequence[str], project: Optional[str] = None) -> _Outcome:
        """`sent_at` lets the server measure this clock's offset, so it is of this try."""
        sent_at = _iso(_clock())
        body = f'{{"sent_at":"{sent_at}","events":[{",".join(texts)}]}}'.encode()
        outcome = self.request("POST", f"/v1/events{_project_query(project)}", body)
        # Only a count says that they are stored: other servers answer POST with JSON too.
        if outcome.kind == "taken" and not isinstance(outcome.answer.get("accepted"), int):
            return _Outcome("later", _NOT_OURS)
        return outcome

    def control(self, run: str, project: Optional[str]) -> _Outcome:
        path = f"/v1/runs/{urllib.parse.quote(run, safe='')}/control{_project_query(project)}"
        return self.request("GET", path, None, min(self._timeout, 5.0))

    def request(self, method: str, path: str, body: Optional[bytes], timeout: Optional[float] = None) -> _Outcome:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        headers["User-Agent"] = f"integraviz-python/{__version__}"
        if body is not None:
            headers["Content-Type"] = "application/json"
            if len(body) > _GZIP_FROM:
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, 3)
        within = timeout or self._timeout
        for attempt in (1, 2):
            kept = self._connection is not None
            deadline = _monotonic() + within
            try:
                connection = self._connect(within)
                connection.request(method, self._path(path), body, headers)
                response = connection.getresponse()
                text = _read_answer(response, deadline)
                if response.will_close:
                    self.close()
                return _outcome_of(response, text)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                self.close()
                # A server may close a kept connection at any time: that says nothing about this request.
                if not kept or attempt == 2:
                    return _Outcome("later", str(error) or type(error).__name__)
            except Exception as error:
                self.close()
                late = isinstance(error, (socket.timeout, TimeoutError))
                return _Outcome("later", f"no answer within {within:g} s" if late else _reason_of(error))
        raise AssertionError("both attempts return")

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = _connection_to(self._parts, timeout)
        self._connection.timeout = timeout
        if self._connection.sock is not None:
            self._connection.sock.settimeout(timeout)
        return self._connection

    def _path(self, path: str) -> str:
        return self._parts.path.rstrip("/") + path

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except OSError:
                pass


def _connection_to(parts: urllib.parse.SplitResult, timeout: float) -> http.client.HTTPConnection:
    """By the proxy that the environment names (`HTTPS_PROXY`, `NO_PROXY`), if any."""
    host, port, secure = parts.hostname or "", parts.port, parts.scheme == "https"
    proxy = urllib.request.getproxies().get(parts.scheme)
    tunnel = None
    if proxy and not urllib.request.proxy_bypass(host):
        by = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        tunnel = (host, port or (443 if secure else 80))
        host, port = by.hostname or "", by.port or 80
    if secure:
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    if tunnel:
        connection.set_tunnel(*tunnel)
    return connection


def _read_answer(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """The body, also when it comes a byte at a time: then until the deadline at the most."""
    chunks: List[bytes] = []
    size = 0
    # None where the server says no length: then its end says it.
    expected = response.length
    while expected is None or size < expected:
        chunk = response.read1(65_536)
        if not chunk:
            if expected is not None:
                raise http.client.IncompleteRead(b"", expected - size)
            break
        size += len(chunk)
        if size > _ANSWER_BYTES:
            raise ValueError("the answer is too long")
        if _monotonic() > deadline:
            raise socket.timeout()
        chunks.append(chunk)
    response.close()
    return b"".join(chunks)


_NOT_OURS = "something that is not Integraviz answered"
_RETRYABLE = frozenset([408, 425, 429])
_BARRING = frozenset([401, 403, 404, 405, 421])


def _outcome_of(response: http.client.HTTPResponse, body: bytes) -> _Outcome:
    status = response.status
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        answer = None
    if 200 <= status < 300:
        if answer is not None:
            return _Outcome("taken", answer=answer)
        return _Outcome("later", _NOT_OURS)
    problem = _problem_of(answer)
    why = f"{status} {problem or response.reason}".strip()
    if status >= 500 or status in _RETRYABLE:
        return _Outcome("later", why, retry_after=_retry_after(response.getheader("Retry-After")))
    if status < 400:
        return _Outcome("barred", f"{why}: it points to {response.getheader('Location')}")
    is_at_fault = status == 413 or problem and status not in _BARRING
    return _Outcome("refused" if is_at_fault else "barred", why)


def _problem_of(answer: Optional[Mapping[str, Any]]) -> str:
    """What a problem document (RFC 9457) says, with the fix."""
    said = answer or {}
    parts = [said.get("detail") or said.get("title"), said.get("fix")]
    return " ".join(part for part in parts if isinstance(part, str))


def _retry_after(header: Optional[str]) -> Optional[float]:
    """`Retry-After` as seconds or as a date (RFC 9110, section 10.2.3), in seconds from now."""
    if header is None:
        return None
    try:
        if re.fullmatch(r"\s*\d{1,12}\s*", header):
            seconds = float(header)
        else:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - _clock()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(_LONGEST_RETRY_AFTER, max(0.0, seconds))


def _reason_of(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _project_query(project: Optional[str]) -> str:
    return "" if project is None else f"?project={urllib.parse.quote(project, safe='')}"


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"


class _Delivery:
    """Sends batches; one that is refused is halved until what is at fault stands alone."""

    def __init__(
        self,
        http: _Http,
        on_taken: Callable[[Sequence[str], Mapping[str, Any]], None],
        on_refused: Callable[[str, str], None],
    ) -> None:
        self.http = http
        self.pending: List[Sequence[str]] = []
        self._on_taken = on_taken
        self._on_refused = on_refused

    def send(self, project: Optional[str] = None) -> Optional[_Outcome]:
        """Sends what is pending. Returns why it has to wait, or None when all is settled."""
        refusals = 0
        while self.pending:
            batch = self.pending[0]
            outcome = self.http.post_events(batch, project)
            if not self.pending or self.pending[0] is not batch:
                return None  # The end of the run did not wait for it, and put it into a file.
            if outcome.kind == "taken":
                del self.pending[0]
                refusals = 0
                self._on_taken(batch, outcome.answer)
            elif outcome.kind != "refused":
                return outcome
            elif len(batch) > 1:
                middle = len(batch) // 2
                self.pending[:1] = [batch[:middle], batch[middle:]]
            else:
                del self.pending[0]
                self._on_refused(batch[0], outcome.why)
                refusals += 1
                # One is that event's own fault. Where all are refused the server is not asked at full speed.
                if refusals > 1:
                    return _Outcome("refused", outcome.why)
        return None


# --- The run's sender -----------------------------------------------------------------------------


class Stop(NamedTuple):
    """Who asked the run to stop, why, and when (ISO 8601)."""

    event_id: str
    actor: Optional[str]
    reason: Optional[str]
    at: str


class Adjustment(NamedTuple):
    """Another value that was asked for: of what, who asked, why, and when (ISO 8601)."""

    event_id: str
    name: str
    value: float
    actor: Optional[str]
    reason: Optional[str]
    at: str


class Summary(NamedTuple):
    """Events, counted. What was logged is the sum of the five."""

    delivered: int
    dropped: int
    """Dropped because the queue was full."""
    refused: int
    """The server would not have them as they were."""
    kept: int
    """In a file; `python -m integraviz sync` sends them."""
    undelivered: int


class _Item(NamedTuple):
    """Something that was logged, as the training's thread leaves it. `order` is its place among all."""

    order: int
    at: float
    values: Any
    step: Any = None
    epoch: Any = None
    split: Optional[str] = None
    kind: Optional[str] = None
    """None: metrics, in `values`. Else an event of this kind, and `values` is its logs as text."""
    batch: Any = None


def _asked(said: Any) -> Optional[Tuple[str, Optional[str], Optional[str], str]]:
    """A request as an answer tells it: its id, who, why, when."""
    if not isinstance(said, dict) or not isinstance(said.get("event_id"), str):
        return None
    actor, reason, at = (said[name] if isinstance(said.get(name), str) else None for name in ("actor", "reason", "at"))
    return said["event_id"], actor, reason, at or ""


class _Sender:
    """Takes in what is logged and delivers it, by one thread of its own.

    The training's thread appends to `inbox` and no more, so that a log costs what an append does.
    The thread writes the events, keeps them in memory or in a file, sends them, and tells the run
    what the answers say. A durable or offline run writes to its file in the training's thread.
    """

    def __init__(self, run: Run, endpoint: Endpoint, mode: str, settings: Settings, writer: str) -> None:
        self.run = run
        self.endpoint = endpoint
        self.mode = mode
        self.settings = settings
        self.writer = writer
        self.chores: List[Callable[[float], None]] = []
        """Called by the thread at each tick with the monotonic time: samples, console."""
        self.closed = False
        self.delivered = self.dropped = self.refused = 0
        self.open_anew()

    def open_anew(self) -> None:
        """The state of one process. A forked child begins with nothing of its parent's."""
        settings = self.settings
        self.inbox: collections.deque[Any] = collections.deque(maxlen=settings.capacity)
        self.mail: collections.deque[_Item] = collections.deque()
        self.order = itertools.count()
        self.wake_at = 0
        """The inbox' length from which `wake` has to be called. 0: at each event."""
        self.alarm: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.lock = threading.RLock()
        self.thread: Optional[threading.Thread] = None
        self.is_child = False
        self._next = self._gap = 0
        self._outbox = _Outbox(settings.capacity, settings.capacity_bytes)
        self._spool: Optional[_Spool] = None
        self._spool_failed = False
        self._source = ""
        """Where the pending batch comes from: memory or file."""
        self._metrics = _Metrics(self.run._warn)
        self._events = _Writer(self.endpoint.project, self.run.id, self.writer)
        self._step = -1
        self._delivery: Optional[_Delivery] = None
        if self.mode != "offline" and self.endpoint.url and self.endpoint.token:
            http = _Http(self.endpoint.url, self.endpoint.token, settings.timeout)
            self._delivery = _Delivery(http, self._on_taken, self._on_refused)
        self._failures = 0
        self._retry_at = -math.inf
        self._named_time = False
        self._held_up_since: Optional[float] = None
        self._drain_since: Optional[float] = None
        self._drain_by = math.inf
        self._given_up = False
        self._last_event = self._last_control = _monotonic()
        self._known = False
        self._drops_reported = self.dropped
        self._leftovers: Optional[Iterator[None]] = None

    # The training's thread

    def post(self, kind: str, logs: Optional[str], step: Any = None, epoch: Any = None, batch: Any = None) -> None:
        """Takes in an event that is no point of metrics."""
        self.mail.append(_Item(next(self.order), _clock(), logs, step, epoch, None, kind, batch))
        self.wake()

    def wake(self) -> None:
        """Starts the thread, or has it look now. Where a file comes first, writes to it."""
        if self.mode != "online":
            with self.lock:
                self._collect()
        if self.thread is None and (self._delivery is not None or self.chores):
            self._start()
        elif self.mode == "online":
            self.wake_at = sys.maxsize
            self.alarm.put(None)

    def _start(self) -> None:
        with self.lock:
            if self.thread is not None:
                return
            self.thread = threading.Thread(target=self._work, name="integraviz", daemon=True)
            if self.mode == "online":
                self.wake_at = self.settings.wake_events
            _drain_at_exit_of_child(self.run)
            try:
                self.thread.start()
            except RuntimeError:  # The interpreter is shutting down: drain() does the work.
                pass

    def drain(self, timeout: float) -> None:
        """Waits until all is delivered or kept, so long at the most. The thread then ends."""
        self._drain_by = _monotonic() + timeout
        if not self._named_time:
            self._retry_at = -math.inf
        self._drain_since = _monotonic()
        self.alarm.put(None)
        if self.thread is not None and self.thread.is_alive():
            # Not join(): a signal's handler may be here, and the interrupted code in a lock of the thread's.
            while self.thread.is_alive() and _monotonic() < self._drain_by + 0.1:
                time.sleep(0.002)
        else:
            self._work()
        self._keep_rest()

    def kept(self) -> int:
        with self.lock:
            if self._spool is None:
                return 0
            texts, _ = _read_events(self._spool._reader, self._spool._at, sys.maxsize, sys.maxsize)
            return len(texts)

    def undelivered(self) -> int:
        with self.lock:
            waiting = len(self._outbox) + len(self.inbox) + len(self.mail)
            return waiting + (self._pending() if self._source == "memory" else 0)

    def close(self) -> None:
        if self._delivery is not None and not (self.thread and self.thread.is_alive()):
            self._delivery.http.close()
        spool, self._spool = self._spool, None
        if spool is not None:
            if spool.is_empty():
                spool.remove()
            else:
                spool.close()

    # The thread

    def _work(self) -> None:
        while not self._is_done():
            try:
                self._pause()
                self._turn(_monotonic())
            except Exception as error:
                self.run._fault(error)
                time.sleep(0.1)

    def _turn(self, now: float) -> None:
        """Does what is due: chores, what was logged since, what was asked of the run."""
        for chore in self.chores if self._drain_since is None else ():
            chore(now)
        with self.lock:
            self._collect()
            self._tick(now)
        if now >= self._retry_at or self._drain_since is not None and not self._given_up:
            self._send()
            if self._drain_since is None:
                self._ask_control()
                self._send_leftovers()

    def _patience(self) -> float:
        """How long nothing is due: the next flush, or the next question before it."""
        until_poll = self._until_poll()
        return until_poll if self._known and 0 < until_poll < self.settings.flush else self.settings.flush

    def _until_poll(self) -> float:
        return self._last_control + self.settings.poll - _monotonic()

    def _is_done(self) -> bool:
        if self._drain_since is None:
            return False
        if self._given_up or _monotonic() >= self._drain_by:
            return True
        with self.lock:
            return not self.inbox and not self.mail and not self._waiting()

    def _pause(self) -> None:
        if self._drain_since is not None:
            # A server that named a time is asked again then, if that is soon enough.
            time.sleep(min(max(0.0, self._retry_at - _monotonic()), max(0.0, self._drain_by - _monotonic())))
            return
        try:
            self.alarm.get(timeout=self._patience())
            while True:
                self.alarm.get_nowait()
        except queue.Empty:
            pass

    def _collect(self) -> None:
        """Writes what was logged since as events, in its order, and puts them where they wait."""
        waiting = len(self.inbox)
        items: List[Any] = [self.inbox.popleft() for _ in range(waiting)]
        items += [self.mail.popleft() for _ in range(len(self.mail))]
        if self.mode == "online" and self.thread is not None and not self.closed:
            self.wake_at = self.settings.wake_events
        if not items:
            return
        items.sort(key=lambda item: item[0])
        # A full inbox drops its oldest by itself, which leaves a gap in the numbers. So does, for a
        # moment, another thread between number and inbox.
        self._gap += max(0, items[-1][0] + 1 - self._next) - len(items)
        self._next = max(self._next, items[-1][0] + 1)
        if self._gap > 0 and (waiting > self.settings.capacity * 0.8 or self.closed):
            self._drop(self._gap)
            self._gap = 0
        written = []
        for item in items:
            event = self._written(item)
            if event is not None:
                written.append(event)
        self._last_event = _monotonic()
        self._put(written)

    def _written(self, item: Any) -> Optional[Tuple[str, int]]:
        """The event as text, and its tier."""
        try:
            order, at, values, step, epoch, split = item[:6]
            kind = item[6] if len(item) > 6 else None
            try:
                step, epoch = _whole(step), _whole(epoch)
            except _Refused as why:
                self.run._warn("step", f"a step or epoch {why}: that event is not sent.")
                return None
            if kind is not None:
                return self._events.event(kind, at, values, step, epoch, item[7]), _tier_of(kind)
            logs = self._metrics.text(values, split)
            if logs is None:
                return None
            if step is None and epoch is None:
                step = self._step + 1
            if step is None:
                return self._events.event("on_epoch_end", at, logs, None, epoch), 1
            self._step = step
            return self._events.event("on_train_batch_end", at, logs, step, epoch), 0
        except Exception as error:
            self.run._warn("unwritten", f"an event cannot be written and is not sent: {_reason_of(error)}")
            return None

    def _put(self, events: Sequence[Tuple[str, int]]) -> None:
        if self.mode != "online" and self._spool is None:
            self._open_spool()
        if self._spool is not None:
            try:
                self._spool.append([text for text, _ in events])
                return
            except OSError as error:
                self._tell_spool_failure(error)
        for text, tier in events:
            dropped = self._outbox.add(text, tier)
            if dropped:
                self._drop(dropped)

    def _drop(self, count: int) -> None:
        self.dropped += count
        most = self.settings.capacity
        self.run._warn("dropped", f"more than {most:,} events wait to be sent: the oldest points are dropped.")

    def _open_spool(self) -> None:
        if self._spool_failed or self._spool is not None:
            return
        header = {"url": _masked(self.endpoint.url or "") or None, "project": self.endpoint.project, "run": self.run.id}
        try:
            self._spool = _Spool(self.endpoint.folder, self.run.id, header)
        except OSError as error:
            self._tell_spool_failure(error)
            self._spool_failed = True

    def _tell_spool_failure(self, error: OSError) -> None:
        self.run._warn(
            "spool",
            f"events cannot be written to {os.path.join(self.endpoint.folder, 'spool')}: {_reason_of(error)}. "
            "They are kept in memory, and lost when the process dies.",
        )

    def _tick(self, now: float) -> None:
        since = self.dropped - self._drops_reported
        if since:
            self._drops_reported = self.dropped
            self._put([(self._events.event("system", _clock(), f'{{"dropped":{since}}}'), _LAST_TO_GO)])
        quiet = now - self._last_event >= self.settings.heartbeat
        if quiet and self._drain_since is None and self._held_up_since is None:
            self.beat()
            self._collect()

    def beat(self) -> None:
        logs = f'{{"interval_s":{self.settings.heartbeat:g}}}'
        self.mail.append(_Item(next(self.order), _clock(), logs, kind="heartbeat"))

    def _pending(self) -> int:
        return sum(map(len, self._delivery.pending)) if self._delivery is not None else 0

    def _waiting(self) -> bool:
        if self._delivery is None:
            return False
        return self._pending() > 0 or len(self._outbox) > 0 or self._spool is not None and not self._spool.is_empty()

    def _send(self) -> None:
        delivery, settings = self._delivery, self.settings
        if delivery is None:
            return
        while self._drain_since is None or _monotonic() < self._drain_by:
            with self.lock:
                if not delivery.pending:
                    batch = self._next_batch()
                    if not batch:
                        return
                    delivery.pending.append(batch)
            started = _monotonic()
            outcome = delivery.send()
            with self.lock:
                self._settle()
                more = len(self._outbox) >= settings.wake_events or self._spool is not None
            if outcome is not None:
                self._held_up(outcome, started)
                return
            self._failures = 0
            self._retry_at = -math.inf
            if self._drain_since is None and not more:
                return

    def _next_batch(self) -> List[str]:
        count, most_bytes = self.settings.batch_events, self.settings.batch_bytes
        batch = self._outbox.take(count, most_bytes)
        self._source = "memory"
        if not batch and self._spool is not None:
            batch = self._spool.take(count, most_bytes)
            self._source = "file"
            if not batch and self.mode == "online":
                self._spool.remove()
                self._spool = None
        return batch

    def _settle(self) -> None:
        """What came from the file and was delivered is marked there."""
        if self._source == "file" and not self._pending():
            self._source = ""
            if self._spool is not None:
                self._spool.delivered()

    def _held_up(self, outcome: _Outcome, started: float) -> None:
        settings = self.settings
        grown = min(settings.retry_most, settings.retry * 2 ** min(self._failures, 30))
        wait = max(outcome.retry_after or 0.0, grown * (0.5 + random.SystemRandom().random() / 2))
        self._failures += 1
        self._retry_at = _monotonic() + wait
        if outcome.kind == "refused":
            return
        if self._held_up_since is None:
            self._held_up_since = started
        self._named_time = outcome.retry_after is not None
        if self._drain_since is not None and started >= self._drain_since:
            away = _monotonic() - self._held_up_since
            self._given_up = outcome.kind == "barred" or away >= settings.drain_away
        with self.lock:
            self._spill()
            kept = "in a file" if self._spool is not None else f"in memory, up to {settings.capacity:,}"
        then = "Nothing can be sent until this is mended" if outcome.kind == "barred" else "Trying again"
        why = outcome.why.rstrip(".")
        self.run._warn("held up", f"{self._where()} does not take events: {why}. {then}; they are kept {kept}.")

    def _where(self) -> str:
        return _masked(self.endpoint.url or "the server")

    def _spill(self) -> None:
        """Puts what waits in memory into a file, and what comes from now on."""
        if self._spool is None and self.mode == "online":
            self._open_spool()
        if self._spool is None or self._delivery is None or not (len(self._outbox) or self._pending()):
            return
        texts = self._outbox.take(sys.maxsize, sys.maxsize)
        pending = self._delivery.pending if self._source == "memory" else []
        try:
            self._spool.append([*(text for batch in pending for text in batch), *texts])
            pending.clear()
        except OSError as error:
            self._tell_spool_failure(error)
            for text in texts:
                self._outbox.add(text, 1)

    def _keep_rest(self) -> None:
        """What the end of the run leaves is kept in a file, if there can be one."""
        with self.lock:
            self._collect()
            if len(self._outbox) or self._source == "memory" and self._pending():
                self._spill()

    def _on_taken(self, batch: Sequence[str], answer: Mapping[str, Any]) -> None:
        if self._held_up_since is not None:
            away = _monotonic() - self._held_up_since
            self.run._say(f"{self._where()} takes events again after {away:.1f} s.")
            self._held_up_since = None
            self.run._forget_warnings("held up", "dropped")
        self._known = True
        purged = answer.get("purged")
        gone = len(purged) if isinstance(purged, list) else 0
        self.delivered += len(batch) - gone
        self.refused += gone
        if gone:
            self.run._warn("purged", f"run {self.run.id} was purged: its events are stored no more.")
        conflicts = answer.get("conflicts")
        if isinstance(conflicts, list) and conflicts:
            self.run._warn("conflict", f"{len(conflicts)} events are stored with other contents under the same id.")
        warnings = answer.get("warnings")
        for warning in warnings if isinstance(warnings, list) else ():
            text = warning if isinstance(warning, str) else _problem_of(warning) if isinstance(warning, dict) else ""
            if text:
                self.run._warn(f"server {text}", text)
        control = answer.get("control")
        if isinstance(control, dict):
            self._take_control(control.get(self.run.id))

    def _on_refused(self, text: str, why: str) -> None:
        self.refused += 1
        kind = json.loads(text).get("kind")
        self.run._warn(f"refused {kind}", f"an event ({kind}) was refused and is lost: {why}")

    def _ask_control(self) -> None:
        """Training may be silent from epoch to epoch: then it asks what was asked of it."""
        delivery = self._delivery
        if delivery is None or not self._known or self._until_poll() > 0:
            return
        outcome = delivery.http.control(self.run.id, self.endpoint.project)
        self._last_control = _monotonic()
        if outcome.kind == "taken":
            self._take_control(outcome.answer)

    def _take_control(self, control: Any) -> None:
        if not isinstance(control, dict):
            return
        self._last_control = _monotonic()
        # Null does not take a request back: that answer may be older than the one before it.
        stop = _asked(control.get("stop"))
        if stop is not None:
            self.run._set_stop(Stop(*stop))
        adjust = control.get("adjust")
        for name, wanted in adjust.items() if isinstance(adjust, dict) else ():
            asked = _asked(wanted)
            if asked is not None and type(wanted.get("value")) in (int, float):
                self.run._set_adjustment(Adjustment(asked[0], name, wanted["value"], *asked[1:]))

    def _send_leftovers(self) -> None:
        """Sends what earlier runs left in the folder, a batch at a time and only when there is nothing newer."""
        if self._delivery is None or self.is_child or self._held_up_since is not None or not self._known:
            return
        if self._leftovers is None:
            self._leftovers = _sync_steps(self.endpoint, self.endpoint.url, self.settings, self.run._say)
        until = _monotonic() + self.settings.flush / 2
        while _monotonic() < until and not self._waiting():
            if next(self._leftovers, self) is self:
                return


# --- The run --------------------------------------------------------------------------------------


class Run:
    """A training run. Nothing of it raises or blocks; see `init`."""

    def __init__(
        self,
        endpoint: Endpoint,
        id: str,
        writer: str,
        mode: str,
        settings: Settings,
        leads: bool,
        on_stop: Optional[Callable[[Stop], Any]],
    ) -> None:
        self.id = id
        self.stop_requested: Optional[Stop] = None
        """The last request to stop that is known here."""
        self._leads = leads
        """It begins and ends the run. Other ranks and child processes only add to it."""
        self._on_stop = on_stop
        self._adjustments: Dict[str, Adjustment] = {}
        self._handed: Dict[str, Adjustment] = {}
        """What was asked for and not answered yet, by name."""
        self._adjusts_seen: set[str] = set()
        self._warned: set[str] = set()
        self._ended = False
        self._status = "finished"
        self._training = False
        self._failure: Optional[Tuple[str, str]] = None
        self._helpers: List[threading.Thread] = []
        self._console: Optional[_Console] = None
        self._summary: Optional[Summary] = None
        self._sender = _Sender(self, endpoint, mode, settings, writer)

    # Logging

    def log(
        self,
        values: Mapping[str, Any],
        step: Optional[int] = None,
        epoch: Optional[int] = None,
        split: Optional[str] = None,
    ) -> None:
        """Logs metrics: any names, numbers as values.

        Args:
            values: Name to number: int, float, or a scalar of NumPy, PyTorch, TensorFlow, JAX or MLX,
                taken as it is now. NaN, infinities, -0 and integers of any size are kept exactly. What is
                nested is named `outer/inner`. What is no number is left out, and said once on stderr.
            step: Counted over the whole run, from 0. It may step back. Without step and epoch it is
                one more than the last.
            epoch: From 0. With an epoch and no step they are the metrics of that epoch.
            split: "train" (the default), "validation" or "test": the data they were measured on.
        """
        try:
            kept = dict(values)
            if not _UNCHANGING.issuperset(map(type, kept.values())):
                kept = _frozen(kept)
            sender = self._sender
            inbox = sender.inbox
            inbox.append((next(sender.order), _clock(), kept, step, epoch, split))
            if len(inbox) >= sender.wake_at:
                if sender.closed:
                    inbox.clear()
                    self._warn("ended", f"a log came after the end of run {self.id} and is not sent.")
                else:
                    sender.wake()
        except Exception as error:
            self._warn("unlogged", f"what was logged is no dict of numbers and is not sent: {_reason_of(error)}")

    def event(
        self,
        kind: str,
        logs: Optional[Mapping[str, Any]] = None,
        step: Optional[int] = None,
        epoch: Optional[int] = None,
        batch: Optional[int] = None,
    ) -> None:
        """Logs any other kind of event, by its callback's name. `logs` is any JSON, up to 2 MiB."""
        try:
            if not isinstance(kind, str) or not 0 < len(kind) <= _NAME_CHARACTERS or not kind.isprintable():
                self._warn("kind", f"an event's kind is text of 1 to {_NAME_CHARACTERS} characters: one is not sent.")
            elif kind in _RESERVED_KINDS:
                self._warn(f"reserved {kind}", f"only the server writes events of kind {kind}: it is not sent.")
            elif self._sender.closed:
                self._warn("ended", f"an event ({kind}) came after the end of run {self.id} and is not sent.")
            else:
                self._sender.post(kind, _logs_text(logs), step, epoch, _whole(batch))
        except _Refused as why:
            self._warn(f"event {kind}", f"an event ({kind}) {why}. It is not sent.")
        except Exception as error:
            self._warn("unwritten", f"an event ({kind}) cannot be written and is not sent: {_reason_of(error)}")

    def params(self, values: Any) -> None:
        """What the run was given. The last value of each name wins.

        Args:
            values: A dict, a Namespace, a dataclass, an attrs class, a pydantic model, or a configuration of
                OmegaConf or ml_collections. What is not set there ("???") or cannot be resolved is "???".
        """
        self._attempt("params", lambda: self.event("params", _named(values)))

    def tags(self, values: Union[Mapping[str, Any], Iterable[str]]) -> None:
        """Labels. The last value of each name wins; None removes one. A list of names is each true."""
        self._attempt("tags", lambda: self.event("tags", _labels(values)))

    def define(self, metric: str, best: str) -> None:
        """Says which value of a metric is the best: `best` is "min" or "max"."""
        if best in ("min", "max"):
            self.event("define", {"metric": metric, "best": best})
        else:
            self._warn(f"best {_shown(metric)}", f'the best of {_shown(metric)} is "min" or "max", not {_shown(best)}.')

    def image(
        self,
        name: str,
        image: Any = None,
        step: Optional[int] = None,
        epoch: Optional[int] = None,
        caption: Optional[str] = None,
        reference: Optional[str] = None,
    ) -> None:
        """Logs a picture of up to 256 kB, or a reference to a larger one.

        Args:
            image: A file's path, PNG or JPEG bytes, a Matplotlib figure, a PIL image, or an array of
                shape (height, width), (height, width, 1), 3 or 4, of uint8 or of floats from 0 to 1.
            reference: Path or URL of the original; `image` is then its thumbnail, or left out.
        """
        self._attempt(
            "an image", lambda: self.event("image", _image_logs(name, image, caption, reference), step, epoch)
        )

    def histogram(
        self, name: str, values: Any, step: Optional[int] = None, epoch: Optional[int] = None, bins: int = 30
    ) -> None:
        """Logs how numbers are distributed: counts in bins of equal width, of those that are finite."""
        self._attempt("a histogram", lambda: self.event("histogram", _histogram_logs(name, values, bins), step, epoch))

    def checkpoint(
        self,
        path: Union[str, os.PathLike[str]],
        step: Optional[int] = None,
        epoch: Optional[int] = None,
        hash: bool = True,
        **more: Any,
    ) -> None:
        """Logs where a checkpoint is: a path or URL, with size and SHA-256 where it is a file here.

        The file is hashed beside the training, and is never sent.
        """
        self._beside("a checkpoint", lambda: self.event("checkpoint", _checkpoint_logs(path, hash, more), step, epoch))

    def until_stopped(self, steps: Iterable[_T]) -> Iterator[_T]:
        """Goes through `steps` until someone asks the run to stop."""
        for each in steps:
            if self.stop_requested is not None:
                return
            yield each

    def requested(self, name: str) -> Optional[float]:
        """The value that someone asked for `name` to have, such as "learning_rate"; None where nobody did.

        Set it, read back what holds now, and say so by `applied`, or say by `refused` why not. What is not
        answered when the run ends is refused then.

            wanted = run.requested("learning_rate")
            if wanted is not None:
                optimizer.param_groups[0]["lr"] = wanted
                run.applied("learning_rate", optimizer.param_groups[0]["lr"], epoch=epoch)
        """
        asked = self._adjustments.get(name)
        if asked is None:
            return None
        self._handed[name] = asked
        return asked.value

    def applied(self, name: str, value: Any, step: Optional[int] = None, epoch: Optional[int] = None) -> None:
        """Says that what was asked for is set. `value` is what was read back."""

        def say() -> None:
            applied = _metric(_freeze(value))
            self._answer(self._asked(name), "adjust_applied", {"applied": applied}, step, epoch)

        self._attempt(f"an answer about {_shown(name)}", say)

    def refused(self, name: str, why: str, step: Optional[int] = None, epoch: Optional[int] = None) -> None:
        """Says why what was asked for is not set."""
        self._answer(self._asked(name), "adjust_refused", {"why": why}, step, epoch)

    def _asked(self, name: str) -> Optional[Adjustment]:
        """What an answer is to: the request that was handed out, although a newer one may have come since."""
        return self._handed.pop(name, None) or self._adjustments.get(name)

    def adjust(self, optimizer: Any, scheduler: Any = None, epoch: Optional[int] = None) -> None:
        """Sets the learning rate that was asked for on an optimizer of PyTorch: call it as an epoch begins.

        Args:
            optimizer: Its first group gets what was asked for, the others keep their proportion to it.
            scheduler: The one that steps it, if there is one. It goes on from there; where it would set
                a rate of its own instead, the request is refused.
        """
        rate = _LearningRate()
        rate.set(self, lambda value: _set_torch_rate([optimizer], [scheduler] if scheduler is not None else [], value))
        rate.read_back(self, lambda: optimizer.param_groups[0]["lr"], epoch=epoch)

    # Looking

    @property
    def link(self) -> Optional[str]:
        """The run on the live page, for who is logged in there; None where nothing can be sent."""
        endpoint = self._sender.endpoint
        if endpoint.url is None or endpoint.problem:
            return None
        return f"{_address_of(endpoint)}/#{_view_of(endpoint.project, self.id)}"

    def show(self, height: int = 560, token: Optional[str] = None) -> None:
        """Shows the run's charts, live: in the output of a notebook's cell, elsewhere as a link.

        What is kept in the notebook is a token that may only read this project, for twelve hours.

        Args:
            height: Of the charts, in pixels.
            token: One with the scope `read`, if neither the run's own nor that of `endpoint.json` has it.
        """
        try:
            _show(self, height, token)
        except Exception as error:
            self._warn("show", f"run {self.id} cannot be shown: {_reason_of(error)}")

    def _repr_html_(self) -> str:
        return _link_html(self)

    def _state(self) -> str:
        """What is known of it here; the page knows what others said of it."""
        kept = " (kept in a file)" if self._sender.mode == "offline" else ""
        return (self._status if self._ended else "running" if self._summary is None else "left") + kept

    # Its end

    def finish(
        self,
        status: Optional[str] = None,
        timeout: Optional[float] = None,
        logs: Optional[Mapping[str, Any]] = None,
    ) -> Summary:
        """Ends the run and waits for the delivery. What cannot be sent is kept in a file.

        Args:
            status: "finished", "failed" or "stopped". Without one: stopped if that was asked for,
                else finished.
            timeout: Seconds to wait at the most (30). A server that is away is not waited for.
            logs: More to say of the end, such as a reason.
        """
        summary = Summary(0, 0, 0, 0, 0)
        try:
            if self._summary is not None:
                return self._summary
            summary = self._finish(status, timeout, logs)
        except Exception as error:
            self._fault(error)
        return summary

    def _finish(self, status: Optional[str], timeout: Optional[float], logs: Optional[Mapping[str, Any]]) -> Summary:
        sender = self._sender
        timeout = sender.settings.drain if timeout is None else timeout
        until = _monotonic() + timeout
        for helper in self._helpers:
            if helper is not threading.current_thread():
                helper.join(max(0.0, until - _monotonic()))
        if self._console is not None:
            self._console.close()
            self._console = None
        self._refuse_all("the training ended before it was set")
        self._say_end(status, logs)
        sender.closed = True
        sender.wake_at = 0
        try:
            sender.drain(max(0.0, until - _monotonic()))
        except KeyboardInterrupt:  # Somebody does not want to wait.
            sender._keep_rest()
        _forget_run(self)
        self._summary = Summary(sender.delivered, sender.dropped, sender.refused, sender.kept(), sender.undelivered())
        self._tell_rest(self._summary)
        sender.close()
        return self._summary

    def _say_end(self, status: Optional[str], logs: Optional[Mapping[str, Any]]) -> None:
        """Other ranks and children add to a run: one ends it, unless another failed."""
        said = dict(logs or {})
        if status is None and self._failure is not None:
            status, said["error"] = self._failure
        stop = self.stop_requested
        if status is None:
            status = "finished" if stop is None else "stopped"
        if status == "stopped" and stop is not None:
            said = {"actor": stop.actor, "reason": stop.reason, "stop_event_id": stop.event_id, **said}
        if (self._leads or status == "failed") and not self._ended and not self._sender.is_child:
            self._ended = True
            self._status = status
            self.event("on_train_end", {**said, "status": status})

    def _tell_rest(self, summary: Summary) -> None:
        sender = self._sender
        if summary.kept and sender._spool is not None:
            how = "python -m integraviz sync"
            if sender.endpoint.url is None or sender.endpoint.problem:
                how += " --url URL --token TOKEN"
            self._say(f"{summary.kept:,} events of run {self.id} are kept in {sender._spool.path}; to send them: {how}")
        if summary.undelivered:
            self._warn(None, f"{summary.undelivered:,} events of run {self.id} were not delivered and are lost.")

    def _reopen(self) -> None:
        """A training begins again in a run that had ended."""
        if self._summary is None:
            return
        self._summary = None
        self._ended = False
        self.stop_requested = None
        self._adjustments.clear()
        self._failure = None
        sender = self._sender
        sender.closed = False
        sender.open_anew()
        _remember_run(self)
        self.event("on_train_begin")

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> None:
        if error is not None:
            self._failure = _failure_of(error)
        self.finish()

    # Its own

    def _attempt(self, what: str, call: Callable[[], None]) -> None:
        try:
            call()
        except _Refused as why:
            self._warn(f"{what} refused", f"{what} {why}. It is not sent.")
        except Exception as error:
            self._warn(f"{what} failed", f"{what} cannot be read and is not sent: {_reason_of(error)}")

    def _beside(self, what: str, call: Callable[[], None]) -> None:
        """Does it in a thread, which the end of the run waits for."""
        self._helpers = [helper for helper in self._helpers if helper.is_alive()]
        helper = threading.Thread(target=self._attempt, args=(what, call), name="integraviz-beside", daemon=True)
        try:
            helper.start()
            self._helpers.append(helper)
        except RuntimeError:  # No threads any more: the interpreter is shutting down.
            self._attempt(what, call)

    def _set_stop(self, stop: Stop) -> None:
        before = self.stop_requested
        if self._ended or before is not None and before.event_id == stop.event_id:
            return
        self.stop_requested = stop
        self._say(f"run {self.id} is asked to stop by {stop.actor or 'somebody'}: {stop.reason or 'no reason given'}")
        if self._on_stop is not None:
            try:
                self._on_stop(stop)
            except Exception as error:
                self._warn(None, f"on_stop failed: {_reason_of(error)}")

    def _set_adjustment(self, asked: Adjustment) -> None:
        if self._ended or asked.event_id in self._adjusts_seen:
            return
        self._adjusts_seen.add(asked.event_id)
        self._answer(self._adjustments.get(asked.name), "adjust_refused", {"why": "another value was asked for since"})
        self._adjustments[asked.name] = asked
        who, why = asked.actor or "somebody", asked.reason or "no reason given"
        self._say(f"run {self.id} is asked for {asked.name} {asked.value:g} by {who}: {why}")

    def _answer(
        self,
        asked: Optional[Adjustment],
        kind: str,
        said: Mapping[str, Any],
        step: Optional[int] = None,
        epoch: Optional[int] = None,
    ) -> None:
        """Says what came of a request, unless it has been said."""
        if asked is None or self._adjustments.get(asked.name) is not asked:
            return
        del self._adjustments[asked.name]
        logs = {"adjust_event_id": asked.event_id, "name": asked.name, "value": asked.value}
        self.event(kind, {**logs, **said}, step, epoch)
        if kind == "adjust_refused":
            self._say(f"{asked.name} {asked.value:g} was asked for and is not set: {said['why']}")

    def _refuse_all(self, why: str) -> None:
        """Other ranks and children may yet answer, and so are not spoken for."""
        if self._leads and not self._sender.is_child:
            for asked in list(self._adjustments.values()):
                self._answer(asked, "adjust_refused", {"why": why})

    def _warn(self, once: Optional[str], message: str) -> None:
        """Says it on stderr, of each kind once."""
        if once is not None:
            if once in self._warned or len(self._warned) > 200:
                return
            self._warned.add(once)
        self._say(message)

    def _forget_warnings(self, *kinds: str) -> None:
        self._warned.difference_update(kinds)

    def _say(self, message: str) -> None:
        try:
            token = self._sender.endpoint.token
            if token and len(token) > 5:
                message = message.replace(token, "***")
        except AttributeError:
            pass
        _print(message)

    def _fault(self, error: BaseException) -> None:
        self._warn("fault", f"the client has a fault, and goes on: {type(error).__name__}: {error}")

    def __copy__(self) -> Run:
        return self

    def __deepcopy__(self, _memo: Any) -> Run:
        return self

    def __reduce__(self) -> Any:
        """To another process it goes as itself; the token only while that process is being started."""
        endpoint = self._sender.endpoint
        token = endpoint.token if _is_spawning() else None
        return _attach, (endpoint._replace(token=token), self.id, self._sender.mode, self._sender.settings)


def _address_of(endpoint: Endpoint) -> str:
    """The server's address as it may be shown: without what proves who asks."""
    return re.sub(r"//[^/@]*@", "//", endpoint.url or "")


def _view_of(project: Optional[str], run: str, **more: str) -> str:
    """The part of an address after the #."""
    view = {**({} if project is None else {"project": project}), "run": run, **more}
    return urllib.parse.urlencode(view, quote_via=urllib.parse.quote)


def _show(run: Run, height: int, token: Optional[str]) -> None:
    link, notebook = run.link, _notebook_display()
    if link is None:
        why = run._sender.endpoint.problem or "it could not begin"
        run._say(f"there is nothing to show of run {run.id} until it is sent: {why}.")
    elif notebook is None:
        print(link)
    else:
        source = None if run._sender.mode == "offline" else _embed_address(run, token)
        if source is not None:
            notebook.display(notebook.IFrame(source, "100%", int(height)))
        notebook.display(notebook.HTML(_link_html(run)))


def _notebook_display() -> Any:
    """IPython.display in a notebook's kernel, None in a terminal and in a script."""
    try:
        shell = sys.modules["IPython"].get_ipython()
        return importlib.import_module("IPython.display") if getattr(shell, "kernel", None) is not None else None
    except Exception:
        return None


def _embed_address(run: Run, token: Optional[str]) -> Optional[str]:
    """Where the charts are, with a token of their own; says why where there is none."""
    endpoint = run._sender.endpoint
    mine = _stripped(token) or _read_token(endpoint) or endpoint.token
    problem = _endpoint_problem(endpoint.url, mine)
    if problem is not None:
        run._say(f"the charts cannot be shown here: {problem}")
        return None
    http = _Http(endpoint.url or "", mine or "", 5.0)
    outcome = http.request("POST", f"/embed{_project_query(endpoint.project)}", b"")
    http.close()
    if outcome.kind == "taken":
        answer = outcome.answer
        view = _view_of(str(answer["project"]), run.id, token=str(answer["token"]))
        return f"{_address_of(endpoint)}/embed#{view}"
    if outcome.why.startswith("403"):
        run._say(
            "this token can send and not read, so the charts are behind the link alone. One that can do both: "
            "integraviz token --actor NAME --scope ingest read (npm run token -- ... in a clone); "
            "give it as INTEGRAVIZ_TOKEN, or to show(token=)."
        )
    elif outcome.why.startswith("404"):
        run._say("this server has no charts to show in a notebook: look where its dashboards are.")
    else:
        run._say(f"the charts cannot be shown here: {outcome.why.replace(mine, _MASK) if mine else outcome.why}")
    return None


def _read_token(endpoint: Endpoint) -> Optional[str]:
    """The token of `endpoint.json` that may read, if the run goes to that server."""
    try:
        with open(os.path.join(endpoint.folder, "endpoint.json"), encoding="utf-8") as file:
            said = json.load(file)
        return str(said["readToken"]) if str(said["url"]).rstrip("/") == endpoint.url else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _link_html(run: Run) -> str:
    said = f"<b>{html.escape(run.id)}</b> · {html.escape(run._state())}"
    link = run.link
    return said if link is None else f'{said} · <a href="{html.escape(link)}" target="_blank">{html.escape(link)}</a>'


def _labels(tags: Any) -> Mapping[str, Any]:
    if isinstance(tags, Mapping):
        return tags
    return {str(tag): True for tag in ([tags] if isinstance(tags, str) else tags)}


def _named(values: Any) -> Mapping[str, Any]:
    fields = _fields(values)
    if fields is None:
        raise _Refused("are none: give a dict, a Namespace, a dataclass or a configuration object")
    return fields


def _print(message: str) -> None:
    try:
        sys.stderr.write(f"integraviz: {' '.join(message.split())}\n")
        sys.stderr.flush()
    except Exception:
        pass  # There is nobody left to tell.


def _failure_of(error: BaseException) -> Tuple[str, str]:
    """How a run ended by an exception, and the last line of its traceback."""
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return "finished", "SystemExit"
    lines = traceback.format_exception_only(type(error), error)
    last = _text(lines[-1].strip())[:2_000]
    return ("stopped" if isinstance(error, KeyboardInterrupt) else "failed"), last


# --- init, and the process's end ------------------------------------------------------------------

_runs: List[Run] = []
_current: Optional[Run] = None
_hooked = False

MODES = ("online", "durable", "offline")


def init(
    project: Optional[str] = None,
    name: Optional[str] = None,
    params: Any = None,
    tags: Any = None,
    *,
    id: Optional[str] = None,
    group: Optional[str] = None,
    rank: Union[int, str, None] = None,
    url: Optional[str] = None,
    token: Optional[str] = None,
    mode: Optional[str] = None,
    folder: Optional[str] = None,
    provenance: bool = True,
    console: bool = False,
    on_stop: Optional[Callable[[Stop], Any]] = None,
    alongside: bool = False,
    settings: Optional[Settings] = None,
) -> Run:
    """Begins a run, or goes on with one. Never raises: what is wrong is said on stderr.

    Args:
        project: May be left out when the token is good for one project.
        name: What people call the run.
        params: What it was given: a dict, an argparse Namespace or a dataclass.
        tags: Labels: a dict, or a list of names.
        id: Unique in the project, made up when left out (or `INTEGRAVIZ_RUN_ID`). The id of an
            earlier run resumes it: its steps go on, and may step back.
        group: Runs that belong together, such as the folds of a cross-validation.
        rank: This process among several of one run, which share `id`. Rank 0 begins and ends it.
        url, token: Where to; else from the environment or `.integraviz/endpoint.json`.
        mode: "online" (or `INTEGRAVIZ_MODE`) keeps events in memory, and in a file while the server
            is away. "durable" writes each to a file first: it survives kill -9. "offline" only writes
            to the file, and never opens a socket.
        folder: Where such files are kept (or `INTEGRAVIZ_DIR`): the folder of endpoint.json, else
            ~/.integraviz.
        provenance: Say where the run comes from: git, command line, host, packages.
        console: Log what the process prints as well.
        on_stop: Called once for each request to stop, in the client's thread.
        alongside: Several runs of this process at once. Else a new one ends the one before.
        settings: Times and sizes.
    """
    global _current
    try:
        run = _begin(locals())
    except Exception as error:
        # Not even a fault of its own may end a training.
        _print(f"the run cannot be logged: {type(error).__name__}: {error}")
        nowhere = Endpoint(None, None, None, os.devnull, None)
        run = Run(nowhere, "none", "", "online", Settings(system=0), False, None)
        run._sender.closed = True
        run._warned.add("ended")
    if not alongside:
        _current = run
    return run


def _begin(given: Dict[str, Any]) -> Run:
    settings = given["settings"] or Settings()
    no_settings = not isinstance(settings, Settings)
    if no_settings:
        settings = Settings()
    mode = given["mode"] or os.environ.get("INTEGRAVIZ_MODE") or "online"
    endpoint = find_endpoint(given["url"], given["token"], given["project"], given["folder"])
    project, project_problem = _good_project(endpoint.project)
    endpoint = endpoint._replace(project=project)
    id = given["id"] or os.environ.get("INTEGRAVIZ_RUN_ID") or _Ids().next(_clock())
    id = "".join(each for each in _text(str(id)) if each.isprintable())[:_NAME_CHARACTERS]
    # No URL can name the other two.
    unnamable = id in ("", ".", "..")
    if unnamable:
        id = _Ids().next(_clock())
    before = next((run for run in _runs if run.id == id), None)
    if before is not None:
        before._warn("twice", f"init was called again for run {id}: it goes on as it is.")
        return before
    if _current is not None and _current in _runs and not given["alongside"]:
        _current._say(f"init was called again: run {_current.id} ends here. alongside=True has both go on.")
        _current.finish(timeout=min(5.0, settings.drain))
    rank = given["rank"]
    leads = rank is None or str(rank) == "0"
    unknown_mode = None if mode in MODES else mode
    if unknown_mode is not None:
        mode = "online"
    cannot_send = endpoint.problem is not None and mode != "offline"
    run = Run(
        endpoint if not cannot_send else endpoint._replace(token=None),
        id,
        "" if rank is None else _text(str(rank))[:_NAME_CHARACTERS],
        "offline" if cannot_send else mode,
        settings,
        leads,
        given["on_stop"],
    )
    if unknown_mode is not None:
        run._warn("mode", f"mode {_shown(unknown_mode)} is none of {', '.join(MODES)}: online is used.")
    if no_settings:
        run._warn(
            "settings", f"settings are no Settings, but a {type(given['settings']).__name__}: the defaults are used."
        )
    if unnamable:
        run._warn("id", f"a run cannot have the id {_shown(given['id'])}: it is {id}.")
    if project_problem:
        run._warn("project", project_problem)
    if cannot_send:
        run._warn("endpoint", f"{endpoint.problem}. The run is kept in a file until then.")
    _hook_process()
    _remember_run(run)
    _say_begin(run, given)
    return run


def _say_begin(run: Run, given: Mapping[str, Any]) -> None:
    if run._leads:
        run.event("on_train_begin")
        if given["params"] is not None:
            run.params(given["params"])
        labels = {key: given[key] for key in ("name", "group") if given[key] is not None}
        if labels:
            run.tags(labels)
        if given["tags"] is not None:
            run.tags(given["tags"])
        if given["provenance"]:
            run._beside("provenance", lambda: run.event("tags", {"provenance": collect_provenance()}))
    run._sender.beat()
    run._sender.wake()
    settings = run._sender.settings
    if settings.system > 0 and run._sender.mode != "offline":
        run._sender.chores.append(_SystemSampler(run, settings.system))
    if given["console"]:
        run._console = _Console(run)
        run._sender.chores.append(run._console.flush)


def _good_project(project: Optional[str]) -> Tuple[Optional[str], Optional[str]]:
    if project is None or re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", project):
        return project, None
    mended = re.sub(r"[^A-Za-z0-9._-]+", "-", project).strip("-._")[:100] or None
    return mended, f"{project!r} is no project's name (letters, digits, dots, dashes): {mended or 'none'} is used."


def log(
    values: Mapping[str, Any], step: Optional[int] = None, epoch: Optional[int] = None, split: Optional[str] = None
) -> None:
    """Logs to the run that `init` began last; see `Run.log`."""
    run = _current
    if run is not None:
        run.log(values, step, epoch, split)
    elif "log" not in _told:
        _told.add("log")
        _print("log() without a run: call init() first. It is not sent.")


def finish(status: Optional[str] = None, timeout: Optional[float] = None) -> Optional[Summary]:
    """Ends the run that `init` began last; see `Run.finish`."""
    return None if _current is None else _current.finish(status, timeout)


_told: set[str] = set()


def _attach(endpoint: Endpoint, id: str, mode: str, settings: Settings) -> Run:
    """The run in another process, which adds to it and does not end it."""
    known = next((run for run in _runs if run.id == id), None)
    if known is not None:
        return known
    token = endpoint.token or find_endpoint(endpoint.url, None, None, endpoint.folder).token
    problem = _endpoint_problem(endpoint.url, token)
    endpoint = endpoint._replace(token=token, problem=problem)
    run = Run(endpoint, id, f"pid {os.getpid()}", "offline" if problem else mode, settings, False, None)
    run._sender.is_child = True
    _hook_process()
    _remember_run(run)
    return run


def _is_spawning() -> bool:
    context = sys.modules.get("multiprocessing.context")
    return context is not None and context.get_spawning_popen() is not None


def _remember_run(run: Run) -> None:
    if run not in _runs:
        _runs.append(run)


def _forget_run(run: Run) -> None:
    if run in _runs:
        _runs.remove(run)


def _hook_process() -> None:
    """Once: the end of the process, by itself, by an exception or by SIGTERM, and forks."""
    global _hooked
    if _hooked:
        return
    _hooked = True
    atexit.register(_finish_all)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork_in_child)
    _hook_exceptions()
    _hook_notebook()
    try:
        # Where the program has a handler of its own, ending is left to that.
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _on_sigterm)
    except (ValueError, OSError):
        pass  # Not in the main thread: then the default ends the process, and what is in flight is lost.


def _hook_exceptions() -> None:
    before = sys.excepthook

    def hook(kind: Any, error: BaseException, trace: Any) -> None:
        for run in _runs:
            run._failure = run._failure or _failure_of(error)
        before(kind, error, trace)

    sys.excepthook = hook


def _hook_notebook() -> None:
    """A notebook goes on after an exception; only the training that it ended is over."""
    try:
        shell = sys.modules["IPython"].get_ipython()
        if shell is None:
            return

        def after_cell(result: Any) -> None:
            error: Optional[BaseException] = result.error_in_exec
            for run in list(_runs):
                if error is not None and run._training:
                    run._failure = _failure_of(error)
                    run._training = False
                    run.finish(timeout=5.0)

        shell.events.register("post_run_cell", after_cell)
    except Exception:
        pass  # No notebook.


def _finish_all() -> None:
    for run in list(_runs):
        if run._training and run._failure is None:
            # A framework calls no hook when a training ends by an exception that somebody catches.
            run._failure = ("failed", "The training ended without saying so.")
        run.finish()


def _on_sigterm(number: int, _frame: Any) -> None:
    signal.signal(number, signal.SIG_DFL)
    began = _monotonic()
    for run in list(_runs):
        # All runs share the time: whoever sent the signal soon sends one that nobody survives.
        left = max(0.0, began + run._sender.settings.drain_signal - _monotonic())
        run.finish("stopped", left, {"reason": "SIGTERM"})
    os.kill(os.getpid(), number)


def _after_fork_in_child() -> None:
    """The child adds to the runs under a name of its own, and shares neither socket nor file."""
    for run in _runs:
        sender = run._sender
        # Closed without a word: what is said on it would be said for the parent.
        delivery = sender._delivery
        connection = delivery.http._connection if delivery is not None else None
        if connection is not None and connection.sock is not None:
            try:
                os.close(connection.sock.detach())
            except OSError:
                pass
        if sender._spool is not None:
            sender._spool.close()
        sender.writer = f"{sender.writer} pid {os.getpid()}".strip()
        sender.delivered = sender.dropped = sender.refused = 0
        sender.chores = []
        sender.open_anew()
        sender.is_child = True
        run._helpers = []
        if run._console is not None:
            run._console.close()
            run._console = None


def _drain_at_exit_of_child(run: Run) -> None:
    """A process of multiprocessing ends without atexit, but runs what was left with it."""
    module = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if module is not None and process is not None and process.parent_process() is not None:
        module.Finalize(None, run.finish, exitpriority=100)


# --- Where a run comes from -----------------------------------------------------------------------

_SECRET_NAME = re.compile(
    r"token|secret|passw|passphrase|credential|api.?key|access.?key|private.?key|auth|bearer", re.IGNORECASE
)
_MASK = "***"
_GIT_TIMEOUT = 2.0
_MOST_PACKAGES = 200


def collect_provenance(folder: Optional[str] = None) -> Dict[str, Any]:
    """Where this process comes from, by the convention of docs/provenance.md. What is not known is left out."""
    found: Dict[str, Any] = {}
    for collect in (
        lambda: _git_state(folder),
        lambda: {"command": _mask_secrets(getattr(sys, "orig_argv", sys.argv))},
        lambda: {"runtime": f"python {platform.python_version()}"},
        lambda: {"packages": _package_versions(folder or os.getcwd())},
        lambda: {"host": socket.gethostname()},
        lambda: {"user": getpass.getuser()},
    ):
        try:
            found.update(collect())
        except Exception:
            pass  # Absent means unknown.
    return found


def _mask_secrets(words: Sequence[str]) -> str:
    """The command line with the values of options that are named like a secret, of URLs and of tokens masked."""
    said: List[str] = []
    is_secret = False
    for word in words:
        was_secret = is_secret
        is_secret = word.startswith("-") and "=" not in word and bool(_SECRET_NAME.search(word))
        name, equals, value = word.partition("=")
        if was_secret and not word.startswith("--"):
            word = _MASK
        elif equals and value and "://" not in name and not re.search(r"\s", name) and _SECRET_NAME.search(name):
            word = f"{name}={_MASK}"
        else:
            word = _masked(word)
        said.append(word)
    return " ".join(word if _MASK in word and " " not in word else shlex.quote(word) for word in said)


def _masked(text: str) -> str:
    text = re.sub(r"(://)[^/@\s]+@", rf"\1{_MASK}@", text)
    text = re.sub(
        r"([?&#][^=&\s]*)=([^&#\s]+)",
        lambda pair: f"{pair[1]}={_MASK}" if _SECRET_NAME.search(pair[1]) else pair[0],
        text,
    )
    text = re.sub(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", _MASK, text)
    return re.sub(r"\b(Bearer|Basic)\s+\S+", rf"\1 {_MASK}", text, flags=re.IGNORECASE)


def _git_state(folder: Optional[str]) -> Dict[str, Any]:
    state: Dict[str, Any] = {}
    for name, words in (("git_commit", ["rev-parse", "HEAD"]), ("git_branch", ["symbolic-ref", "--short", "HEAD"])):
        said = _git(folder, words)
        if said is not None:
            state[name] = said[0].strip()
    diff = _git(folder, ["diff", "HEAD", "--binary", "--no-color", "--no-ext-diff"])
    if diff is not None:
        start, digest = diff
        state["git_dirty"] = start != ""
        if start:
            state["git_diff_sha256"] = digest
    return state


def _git(folder: Optional[str], words: Sequence[str]) -> Optional[Tuple[str, str]]:
    """How what git prints begins, and a hash of all of it. None where it fails or takes too long."""
    try:
        child = subprocess.Popen(
            ["git", *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except OSError:
        return None
    patience = threading.Timer(_GIT_TIMEOUT, child.kill)
    patience.daemon = True
    patience.start()
    digest = hashlib.sha256()
    start = b""
    with child:
        output = child.stdout
        assert output is not None
        for chunk in iter(lambda: output.read(65_536), b""):
            digest.update(chunk)
            start = start or chunk[:1_000]
    patience.cancel()
    return (start.decode("utf-8", "replace"), digest.hexdigest()) if child.returncode == 0 else None


def _package_versions(folder: str) -> Dict[str, str]:
    """Of the packages that the project names (pyproject.toml, requirements.txt) and of those that are loaded."""
    from importlib import metadata

    versions: Dict[str, str] = {}
    for name in _named_packages(folder)[:_MOST_PACKAGES]:
        try:
            versions[name] = metadata.version(name)
        except Exception:
            pass  # Named, and not installed.
    ours = {*getattr(sys, "stdlib_module_names", ()), "__main__"}
    for name, module in list(sys.modules.items()):
        # Asked of the module itself: some load others when they are asked.
        version = getattr(module, "__dict__", {}).get("__version__")
        if isinstance(version, str) and not name.startswith("_") and "." not in name and name not in ours:
            versions.setdefault(name, version)
    return dict(sorted(versions.items())[:_MOST_PACKAGES])


def _named_packages(folder: str) -> List[str]:
    """Of the nearest folder above that names any."""
    while True:
        names: List[str] = []
        for file in ("pyproject.toml", "requirements.txt"):
            try:
                with open(os.path.join(folder, file), encoding="utf-8") as opened:
                    text = opened.read(1_000_000)
            except (OSError, ValueError):
                continue
            if file == "pyproject.toml":
                listed = re.search(r"^dependencies\s*=\s*\[(.*?)^?\s*\]\s*$", text, re.MULTILINE | re.DOTALL)
                names += re.findall(r"""["']([A-Za-z0-9][\w.-]*)""", listed[1]) if listed else []
            else:
                names += re.findall(r"^([A-Za-z0-9][\w.-]*)", text, re.MULTILINE)
        above = os.path.dirname(folder)
        if names or above == folder:
            return names
        folder = above


# --- The machine, and the console -----------------------------------------------------------------


class _SystemSampler:
    """Logs what the machine does: a `system` event at the beginning and then each period.

    Percentages are of the machine: of all its processors, its memory, the disk of the working folder.
    Rates are 10^6 bytes a second since the sample before. What a machine does not tell is left out.
    """

    def __init__(self, run: Run, period: float) -> None:
        self._run = run
        self._period = period
        self._due = -math.inf
        self._before: Dict[str, float] = {}
        self._before_at = 0.0
        self._has_gpu = True

    def __call__(self, now: float) -> None:
        if now < self._due:
            return
        self._due = now + self._period
        sample = self._sample(now)
        if sample:
            self._run.event("system", sample)

    def _sample(self, now: float) -> Dict[str, Any]:
        sample: Dict[str, Any] = {}
        for read in (_memory, _disk_space, self._gpus):
            try:
                sample.update(read())
            except Exception:
                pass  # This machine does not tell.
        counters: Dict[str, float] = {}
        for count in (_processor_ticks, _process_seconds, _disk_bytes, _network_bytes):
            try:
                counters.update(count())
            except Exception:
                pass
        seconds = now - self._before_at
        if self._before and seconds > 0:
            sample.update(_rates(self._before, counters, seconds))
        self._before, self._before_at = counters, now
        return sample

    def _gpus(self) -> Dict[str, Any]:
        if not self._has_gpu:
            return {}
        self._has_gpu = False
        wanted = ("percent", "memory_used", "memory_total", "watts", "celsius")
        query = "utilization.gpu,memory.used,memory.total,power.draw,temperature.gpu"
        answer = subprocess.run(
            ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader,nounits"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=5,
            check=True,
        ).stdout.decode()
        self._has_gpu = True
        sample: Dict[str, Any] = {}
        for index, line in enumerate(answer.strip().splitlines()):
            read = dict(zip(wanted, line.split(",")))
            values = {name: float(text) for name, text in read.items() if re.fullmatch(r"\s*[\d.]+\s*", text)}
            if values.get("memory_total"):
                values["memory_percent"] = 100 * values.pop("memory_used", 0) / values.pop("memory_total")
            for name, value in values.items():
                sample[f"gpu{index}_{name}"] = round(value, 2)
        return sample


def _rates(before: Mapping[str, float], now: Mapping[str, float], seconds: float) -> Dict[str, Any]:
    moved = {name: max(0.0, now[name] - before[name]) for name in now if name in before}
    rates: Dict[str, Any] = {}
    total = moved.pop("ticks", 0)
    idle = moved.pop("ticks_idle", 0)
    if total > 0:
        rates["cpu_percent"] = round(100 * (1 - idle / total), 1)
    own = moved.pop("process_seconds", None)
    if own is not None:
        rates["process_cpu_percent"] = round(100 * own / seconds, 1)
    for name, count in moved.items():
        rates[f"{name}_mb_per_s"] = round(count / seconds / 1e6, 3)
    return rates


def _lines(path: str) -> List[str]:
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read().splitlines()


def _memory() -> Dict[str, Any]:
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in _lines("/proc/meminfo") if ":" in line}
    used = 1 - kilobytes["MemAvailable"] / kilobytes["MemTotal"]
    pages = int(_lines("/proc/self/statm")[0].split()[1])
    own = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return {"memory_percent": round(100 * used, 1), "process_memory_mb": round(own, 1)}


def _disk_space() -> Dict[str, Any]:
    disk = shutil.disk_usage(os.getcwd())
    return {"disk_percent": round(100 * disk.used / disk.total, 1)}


def _processor_ticks() -> Dict[str, float]:
    ticks = [int(word) for word in _lines("/proc/stat")[0].split()[1:9]]
    return {"ticks": sum(ticks), "ticks_idle": ticks[3] + ticks[4]}


def _process_seconds() -> Dict[str, float]:
    spent = os.times()
    return {"process_seconds": spent.user + spent.system}


def _disk_bytes() -> Dict[str, float]:
    """Of whole disks: their parts are in them."""
    disks = set(os.listdir("/sys/block"))
    fields = [line.split() for line in _lines("/proc/diskstats")]
    whole = [each for each in fields if each[2] in disks and not each[2].startswith(("loop", "ram", "dm-"))]
    sectors = 512
    return {
        "disk_read": sectors * sum(int(each[5]) for each in whole),
        "disk_written": sectors * sum(int(each[9]) for each in whole),
    }


def _network_bytes() -> Dict[str, float]:
    fields = [line.replace(":", " ").split() for line in _lines("/proc/net/dev")[2:]]
    real = [each for each in fields if each[0] != "lo"]
    return {
        "network_received": sum(int(each[1]) for each in real),
        "network_sent": sum(int(each[9]) for each in real),
    }


class _Console:
    """Logs what the process prints, line by line, as `console` events. It is printed as before."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._printed: Dict[str, List[str]] = {"stdout": [], "stderr": []}
        self._size = 0
        self._left_out = 0
        self._tees = {name: _Tee(getattr(sys, name), self, name) for name in self._printed}
        for name, tee in self._tees.items():
            setattr(sys, name, tee)

    def take(self, name: str, text: str) -> None:
        if self._size > _CONSOLE_CHARACTERS:
            self._left_out += len(text)
            return
        self._size += len(text)
        self._printed[name].append(text)

    def flush(self, _now: float, end: bool = False) -> None:
        for name, pieces in self._printed.items():
            count = len(pieces)
            text = "".join(pieces[:count])
            del pieces[:count]
            whole, newline, rest = text.rpartition("\n")
            if end:
                whole, rest = text[:-1] if text.endswith("\n") else text, ""
            if rest:
                pieces.insert(0, rest[-_CONSOLE_CHARACTERS:])
            # A progress bar writes over its line: what was seen last counts.
            lines = [line.rstrip("\r").rpartition("\r")[2] for line in whole.split("\n")] if whole else []
            if lines:
                token = self._run._sender.endpoint.token
                logs: Dict[str, Any] = {"stream": name, "text": "\n".join(lines)}
                if token and len(token) > 5:
                    logs["text"] = logs["text"].replace(token, _MASK)
                if self._left_out:
                    logs["characters_left_out"] = self._left_out
                self._run.event("console", logs)
        self._size = sum(len(piece) for pieces in self._printed.values() for piece in pieces)
        self._left_out = 0

    def close(self) -> None:
        for name, tee in self._tees.items():
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.stream)
        self.flush(0.0, end=True)


class _Tee:
    """A stream that tells what is written to it, and otherwise is the one below."""

    def __init__(self, stream: Any, console: _Console, name: str) -> None:
        self.stream = stream
        self._console = console
        self._name = name

    def write(self, text: str) -> Any:
        done = self.stream.write(text)
        try:
            self._console.take(self._name, text)
        except Exception:
            pass  # What is printed matters more.
        return done

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


# --- Pictures, histograms and files ---------------------------------------------------------------


def _image_logs(name: str, image: Any, caption: Optional[str], reference: Optional[str]) -> Dict[str, Any]:
    if image is None and reference is None:
        raise _Refused(f"{name} has neither a picture nor a reference: give one of them")
    logs: Dict[str, Any] = {"name": name}
    if caption is not None:
        logs["caption"] = caption
    if reference is not None:
        logs["reference"] = _masked(str(reference))
    if image is None:
        return logs
    data = _image_bytes(image)
    if len(data) > _IMAGE_BYTES:
        raise _Refused(
            f"{name} has {len(data):,} bytes, and at most {_IMAGE_BYTES:,} are stored: make it smaller, "
            "or give where it is as reference= with a thumbnail"
        )
    kind = "image/png" if data.startswith(b"\x89PNG\r\n\x1a\n") else "image/jpeg"
    if kind == "image/png":
        logs["width"], logs["height"] = struct.unpack(">II", data[16:24])
    logs.update(
        mime=kind, bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), data=base64.b64encode(data).decode()
    )
    return logs


def _image_bytes(image: Any) -> bytes:
    import io

    if isinstance(image, (str, os.PathLike)):
        if os.path.getsize(image) > 32 * _IMAGE_BYTES:
            raise _Refused(f"{os.fspath(image)} has more than {_IMAGE_BYTES:,} bytes: make it smaller")
        with open(image, "rb") as file:
            image = file.read()
    elif hasattr(image, "savefig"):
        buffer = io.BytesIO()
        image.savefig(buffer, format="png")
        image = buffer.getvalue()
    elif hasattr(image, "save") and hasattr(image, "getbands"):
        buffer = io.BytesIO()
        image.save(buffer, format="PNG")
        image = buffer.getvalue()
    elif hasattr(image, "shape"):
        image = _png(image)
    if isinstance(image, (bytes, bytearray)) and bytes(image[:8]).startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return bytes(image)
    raise _Refused("is no PNG, JPEG, figure, PIL image or array of pixels")


def _png(pixels: Any) -> bytes:
    """An array of shape (height, width[, 1, 3 or 4]) as PNG (W3C Portable Network Graphics, third edition)."""
    numpy = importlib.import_module("numpy")
    array = numpy.asarray(pixels)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise _Refused(f"has the shape {array.shape}: (height, width), or with 1, 3 or 4 channels behind, is one")
    if array.dtype.kind == "f":
        array = numpy.nan_to_num(array).clip(0, 1) * 255 + 0.5
    elif array.dtype.kind == "b":
        array = array * 255
    array = array.clip(0, 255).astype("uint8")
    height, width, channels = array.shape
    # Each line begins with its filter: none.
    rows = numpy.concatenate([numpy.zeros((height, 1), "uint8"), array.reshape(height, -1)], axis=1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    colours = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6))
        + chunk(b"IEND", b"")
    )


def _histogram_logs(name: str, values: Any, bins: int) -> Dict[str, Any]:
    if not 1 <= bins <= 1_000:
        raise _Refused(f"{name} has {bins} bins: give 1 to 1,000")
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    if hasattr(values, "reshape"):
        values = values.reshape(-1)
    numbers = [float(value) for value in (values.tolist() if hasattr(values, "tolist") else values)]
    finite = [value for value in numbers if math.isfinite(value)]
    logs: Dict[str, Any] = {"name": name, "count": len(numbers), "not_finite": len(numbers) - len(finite)}
    if not finite:
        return logs
    low, high = min(finite), max(finite)
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for value in finite:
        counts[min(bins - 1, int((value - low) / width))] += 1
    edges = [low + width * index for index in range(bins)] + [low + width * bins]
    logs.update(min=low, max=high, mean=math.fsum(finite) / len(finite), counts=counts, edges=edges)
    return logs


def _checkpoint_logs(path: Any, hash: bool, more: Mapping[str, Any]) -> Dict[str, Any]:
    text = os.fspath(path)
    if "://" in text:
        return {**more, "url": _masked(text)}
    logs: Dict[str, Any] = {**more, "path": os.path.abspath(text)}
    if os.path.isdir(text):
        files = [os.path.join(at, name) for at, _, names in os.walk(text) for name in names]
        logs["bytes"] = sum(os.path.getsize(file) for file in files)
        logs["files"] = len(files)
    elif os.path.isfile(text):
        logs["bytes"] = os.path.getsize(text)
        if hash:
            digest = hashlib.sha256()
            with open(text, "rb") as file:
                for chunk in iter(lambda: file.read(1 << 20), b""):
                    digest.update(chunk)
            logs["sha256"] = digest.hexdigest()
    else:
        raise _Refused(f"{text} is neither a file nor a folder here: write it first, or give a URL")
    return logs


# --- Sending what was kept ------------------------------------------------------------------------


class SyncSummary(NamedTuple):
    """What came of a `sync`."""

    files: int
    """Files that were sent to the end, and removed."""
    sent: int
    """Events the server has now."""
    refused: int
    """Events it would not have: they are in a file ending in `.refused`."""
    left: int
    """Files that are still there: in use by a run, of another server, or it did not answer."""


def sync(
    folder: Optional[str] = None,
    url: Optional[str] = None,
    token: Optional[str] = None,
    say: Callable[[str], None] = _print,
) -> SyncSummary:
    """Sends what runs kept in files. An event that was sent before is stored once all the same.

    Args:
        folder: Where they are: as `init` has it by default.
        url: Send all of them here, whichever server their run was meant for.
    """
    endpoint = find_endpoint(url, token, None, folder)
    counts = {"files": 0, "sent": 0, "refused": 0, "left": 0}
    if endpoint.problem is not None:
        say(f"{endpoint.problem}.")
        return SyncSummary(0, 0, 0, len(_spool_files(endpoint.folder)))
    only = None if url is not None else endpoint.url
    token = endpoint.token or ""

    def say_masked(text: str) -> None:
        # An answer may repeat what it was sent.
        say(text.replace(token, _MASK) if len(token) > 5 else text)

    for _ in _sync_steps(endpoint, only, Settings(), say_masked, counts):
        pass
    return SyncSummary(**counts)


def _spool_files(folder: str) -> List[str]:
    where = os.path.join(folder, "spool")
    try:
        return sorted(os.path.join(where, name) for name in os.listdir(where) if name.endswith(".ndjson"))
    except OSError:
        return []


def _sync_steps(
    endpoint: Endpoint,
    only_url: Optional[str],
    settings: Settings,
    say: Callable[[str], None],
    counts: Optional[Dict[str, int]] = None,
) -> Iterator[None]:
    """Sends the files that no process has open, one batch a step."""
    counts = counts if counts is not None else {"files": 0, "sent": 0, "refused": 0, "left": 0}
    assert endpoint.url is not None and endpoint.token is not None
    http = _Http(endpoint.url, endpoint.token, settings.timeout)
    for path in _spool_files(endpoint.folder):
        try:
            with open(path, "r+b") as file:
                header = _spool_header(file)
                if header is None and os.path.getsize(path):
                    say(f"{path} is left: its first line does not say that it holds events.")
                ours = (None, only_url, _masked(only_url or ""))
                mine = header is not None and (only_url is None or header.get("url") in ours)
                if not mine or not _lock_file(file.fileno()):
                    counts["left"] += 1
                    continue
                before = counts["sent"]
                done = yield from _send_file(path, file, header or {}, http, settings, counts, say)
                counts["files" if done else "left"] += 1
                if done:
                    torn = _torn_lines(file)
                    if torn:
                        say(f"{torn:,} lines of {path} were torn, by a full disk or a sudden end: they cannot be sent.")
                    os.unlink(path)
                if counts["sent"] > before:
                    say(f"{counts['sent'] - before:,} events of {path} were sent.")
        except OSError as error:
            say(f"{path} cannot be read: {_reason_of(error)}")
            counts["left"] += 1
    http.close()


def _spool_header(file: Any) -> Optional[Dict[str, Any]]:
    try:
        header = json.loads(file.readline())
    except ValueError:
        return None
    return header if isinstance(header, dict) and header.get("integraviz_spool") == 1 else None


def _send_file(
    path: str,
    file: Any,
    header: Mapping[str, Any],
    http: _Http,
    settings: Settings,
    counts: Dict[str, int],
    say: Callable[[str], None],
) -> Generator[None, None, bool]:
    """Returns whether all of it was sent or refused."""

    def on_taken(batch: Sequence[str], _answer: Mapping[str, Any]) -> None:
        counts["sent"] += len(batch)

    def on_refused(text: str, why: str) -> None:
        counts["refused"] += 1
        with open(f"{path}.refused", "a", encoding="utf-8") as refused:
            refused.write(f"{text}\n")
        say(f"an event of {path} was refused: {why}. It is in {path}.refused.")

    delivery = _Delivery(http, on_taken, on_refused)
    at = _sent_mark(file)
    tries = 0
    while True:
        texts, after = _read_events(file, at, settings.batch_events, settings.batch_bytes)
        if not texts:
            return True
        delivery.pending.append(texts)
        while True:
            outcome = delivery.send(header.get("project"))
            if outcome is None:
                break
            tries += 1
            if outcome.kind == "barred" or tries > 4:
                say(f"{path} is left: {outcome.why}.")
                return False
            time.sleep(min(30.0, max(outcome.retry_after or 0.0, settings.retry * 2**tries)))
        tries = 0
        at = after
        file.seek(0, os.SEEK_END)
        file.write(f"#sent {at}\n".encode())
        file.flush()
        yield


def _sent_mark(file: Any) -> int:
    """The place up to which the file was delivered. The marks are near its end."""
    file.seek(0, os.SEEK_END)
    size = file.tell()
    begin = 0
    file.seek(0)
    for line in file:
        if line.startswith(b"#sent "):
            try:
                begin = max(begin, int(line[6:]))
            except ValueError:
                pass  # Torn.
    return begin if begin <= size else 0


def main(words: Optional[Sequence[str]] = None) -> int:
    """`python -m integraviz`. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m integraviz", description="Integraviz' client for Python.")
    parser.add_argument("--version", action="version", version=f"integraviz {__version__}")
    commands = parser.add_subparsers(dest="command")
    command = commands.add_parser(
        "sync",
        help="send what runs kept in files",
        description="Sends what runs kept in files while the server was away, or in the modes durable and offline. "
        "An event that was sent before is stored once all the same.",
    )
    command.add_argument("folder", nargs="?", help="where the files are (the folder of endpoint.json, ~/.integraviz)")
    command.add_argument("--url", help="send all of them here, whichever server their run was meant for")
    command.add_argument("--token", help="a token with ingest scope; better in INTEGRAVIZ_TOKEN")
    options = parser.parse_args(words)
    if options.command is None:
        parser.print_help()
        return 0
    summary = sync(options.folder, options.url, options.token)
    refused = f", {summary.refused:,} refused" if summary.refused else ""
    print(f"{summary.sent:,} events of {summary.files:,} files sent{refused}, {summary.left:,} files left")
    return 1 if summary.left or summary.refused else 0


# --- Callbacks: what they share -------------------------------------------------------------------


class _Attached:
    """The run that a callback logs to: the one it was given, that of `init`, or one of its own.

    One of its own begins with the training and ends with it. What is measured after its end, such as
    by an evaluation, is added to it.
    """

    def __init__(self, run: Optional[Run], given: Dict[str, Any]) -> None:
        self._given = given
        self._status: Optional[str] = None
        self._lock = threading.Lock()
        self.owns = False
        self.run = run

    def begin(self, params: Any = None, has_end: bool = True) -> Run:
        """The training begins. Without `has_end` the framework has no hook for its end."""
        with self._lock:
            run = self.run
            if run is None:
                current = _current if _current is not None and _current in _runs else None
                self.owns = current is None or bool(self._given)
                run = init(**self._given) if current is None or self.owns else current
                self.run = run
            elif self.owns:
                run._reopen()
        if params:
            run.params(params)
        run._training = has_end
        return run

    def current(self) -> Run:
        return self.run if self.run is not None else self.begin(has_end=False)

    def log(self, values: Mapping[str, Any], **place: Any) -> None:
        run = self.current()
        ended = self.owns and run._summary is not None
        if ended:
            run._reopen()
        run.log(_spread(values), **place)
        if ended:
            run.finish(self._status)

    def end(self, error: Optional[BaseException] = None) -> None:
        """The training ended. Where the run is not the callback's own, whoever began it ends it."""
        run = self.run
        if run is None:
            return
        run._training = False
        if error is not None:
            run._failure = _failure_of(error)
        if self.owns:
            run.finish()
            self._status = run._failure[0] if run._failure else "stopped" if run.stop_requested else "finished"

    @property
    def stop(self) -> bool:
        return self.run is not None and self.run.stop_requested is not None

    def refuse(self, why: str) -> None:
        """Of what was asked for, all: this framework lets no callback set anything."""
        if self.run is not None:
            self.run._refuse_all(why)


class _LearningRate:
    """Sets the learning rate that was asked for, and says what is read back: setting it may change nothing."""

    def __init__(self) -> None:
        self._set: Optional[Adjustment] = None

    def set(self, run: Optional[Run], write: Callable[[float], Any]) -> None:
        """Where an epoch begins. What cannot be set is refused."""
        for asked in list(run._adjustments.values()) if run is not None and run._adjustments else ():
            why = None
            if asked.name != "learning_rate":
                why = "this callback sets learning_rate alone"
            elif not 0 <= asked.value < math.inf:
                why = "a learning rate is 0 or more"
            else:
                try:
                    write(asked.value)
                    self._set = asked
                except Exception as error:
                    why = _reason_of(error)
            if why is not None and run is not None:
                run._answer(asked, "adjust_refused", {"why": why})

    def read_back(
        self, run: Optional[Run], read: Callable[[], Any], step: Optional[int] = None, epoch: Optional[int] = None
    ) -> None:
        """Once the training has gone on with it: what else sets the rate has had its turn."""
        asked, self._set = self._set, None
        if asked is None or run is None:
            return
        try:
            found = float(read())
            if math.isclose(found, asked.value, rel_tol=1e-5):
                run._answer(asked, "adjust_applied", {"applied": found}, step, epoch)
                return
            why = f"it was set, and {found:g} was read back: something else in the training sets it"
        except Exception as error:
            why = f"it was set, and cannot be read back: {_reason_of(error)}"
        run._answer(asked, "adjust_refused", {"why": why}, step, epoch)


_GOES_ON = frozenset(
    ["StepLR", "MultiStepLR", "ExponentialLR", "MultiplicativeLR", "ConstantLR", "LinearLR", "PolynomialLR"]
    + ["CosineAnnealingLR", "ReduceLROnPlateau"]
)
"""Schedulers of PyTorch that work out the next rate from the one that the optimizer has."""


def _set_torch_rate(optimizers: Sequence[Any], schedulers: Sequence[Any], value: float) -> None:
    """Sets the rate of the first group of parameters; the others, and LambdaLR's own, keep their proportion to it."""
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    schedulers = [getattr(scheduler, "scheduler", scheduler) for scheduler in schedulers]
    before = float(groups[0]["lr"])
    for scheduler in schedulers:
        kind = type(scheduler).__name__
        if kind != "LambdaLR" and kind not in _GOES_ON:
            raise _Refused(f"{kind} sets a rate of its own at each step")
        if kind == "LambdaLR" and before == 0:
            raise _Refused("it is 0 just now, by a LambdaLR: ask again once it is not")
    if before == 0 and len(groups) > 1:
        raise _Refused("it is 0 just now, so that several groups of parameters have no proportion to it")
    for group in groups:
        own = float(group["lr"])
        rate = value if own == before else own * value / before
        if hasattr(group["lr"], "fill_"):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
    for scheduler in schedulers:
        if type(scheduler).__name__ == "LambdaLR":
            scheduler.base_lrs = [rate * value / before for rate in scheduler.base_lrs]


def _spread(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Metrics of several values, such as an F1 score of each class, get one name each."""
    if _UNCHANGING.issuperset(map(type, values.values())):
        return values
    spread: Dict[str, Any] = {}
    for name, value in values.items():
        count = math.prod(getattr(value, "shape", ()))
        if 1 < count <= 100 and hasattr(value, "reshape"):
            flat = value.reshape(-1)
            spread.update({f"{name}/{index}": flat[index] for index in range(count)})
        else:
            spread[name] = value
    return spread


_SPLIT_OF_DATASET = {
    **dict.fromkeys(("train", "training", "dtrain", "learn"), "train"),
    **dict.fromkeys(("valid", "validation", "val", "eval", "evaluation", "dvalid", "dval", "dev"), "validation"),
    **dict.fromkeys(("test", "dtest"), "test"),
}


def _by_dataset(scores: Iterable[Tuple[str, str, Any]]) -> Dict[str, Any]:
    """Names of (dataset, metric, value): by the split that the dataset's name tells, else `dataset/metric`."""
    listed = list(scores)
    datasets = list(dict.fromkeys(dataset for dataset, _, _ in listed))
    splits = {dataset: _SPLIT_OF_DATASET.get(re.sub(r"[_ ]?\d+$", "", dataset.lower())) for dataset in datasets}
    found = list(splits.values())
    named: Dict[str, Any] = {}
    for dataset, metric, value in listed:
        split = splits[dataset]
        # Two of one split would be one line.
        alone = split is not None and found.count(split) == 1
        named[SPLITS[split] + metric if alone and split is not None else f"{dataset}/{metric}"] = value
    return named


def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not re.search(r"tokens?_|_tokens|tokenizer", name)


# --- Callbacks of each framework ------------------------------------------------------------------


def _keras_callback() -> type:
    """For the Keras that is loaded: Keras 3, or that of TensorFlow before it."""
    if "keras" not in sys.modules and "tensorflow" in sys.modules:
        base = importlib.import_module("tensorflow").keras.callbacks.Callback
    else:
        base = _imported("keras", "Integraviz").callbacks.Callback

    class Integraviz(base):  # pyright: ignore[reportUntypedBaseClass, reportGeneralTypeIssues]
        """Logs a training with Keras 3 or tf.keras, and ends it when someone asks for that.

            model.fit(x, y, epochs=12, callbacks=[integraviz.Integraviz(project="mnist")])

        Batches and epochs are logged as Keras counts them, from 0; steps go on over epochs and further
        calls of `fit`. Keras' batch metrics are means over the epoch so far. Batches of validation are
        counted by themselves. `evaluate` outside of `fit` logs as the split "test". The learning rate is
        read and set by `self.model`, since on JAX no other name has it (findings/README.md, C24 and C25).
        One that is asked for is set when an epoch begins, and read back after its first batch; where the
        optimizer has a LearningRateSchedule Keras refuses it.

        Args:
            run: The run to log to. Else that of `init`, or one of its own.
            batches: Log each batch too.
            **given: For a run of its own: what `init` takes.
        """

        def __init__(self, run: Optional[Run] = None, *, batches: bool = True, **given: Any) -> None:
            super().__init__()
            self._attached = _Attached(run, given)
            self._batches = batches
            self._base = self._tests = self._seen = 0
            self._epoch: Optional[int] = None
            self._fits = False
            self._rate = _LearningRate()

        @property
        def run(self) -> Optional[Run]:
            return self._attached.run

        def on_train_begin(self, logs: Any = None) -> None:
            self._fits = True
            counts = {"epochs": self.params.get("epochs"), "steps_per_epoch": self.params.get("steps")}
            params = {**counts, **_keras_params(self.model)}
            self._attached.begin({name: value for name, value in params.items() if value is not None})

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._epoch = epoch
            self._seen = 0
            run = self._attached.current()
            run.event("on_epoch_begin", epoch=epoch)
            self._rate.set(run, self._set_rate)

        def _set_rate(self, value: float) -> None:
            self.model.optimizer.learning_rate = value

        def _read_rate(self) -> float:
            return _scalar(self.model.optimizer.learning_rate)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            # With several batches an execution, Keras counts to the end of the last one's room.
            steps = self.params.get("steps")
            if steps:
                batch = min(batch, steps - 1)
            self._seen = batch + 1
            if self._rate._set is not None:
                self._rate.read_back(self._attached.run, self._read_rate, self._base + batch, self._epoch)
            if self._batches:
                self._attached.log(logs or {}, step=self._base + batch, epoch=self._epoch)
            if self._attached.stop:
                self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self._base += self._seen
            self._seen = 0
            values = dict(logs or {})
            if "learning_rate" not in values:
                try:
                    values["learning_rate"] = self._read_rate()
                except Exception:
                    pass  # It has none, or a schedule.
            self._attached.log(values, epoch=epoch)
            if self._attached.stop:
                self.model.stop_training = True

        def on_train_end(self, logs: Any = None) -> None:
            self._fits = False
            self._attached.end()

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            if self._batches and self._fits:
                self._attached.log(logs or {}, step=self._tests, epoch=self._epoch, split="validation")
                self._tests += 1

        def on_test_end(self, logs: Any = None) -> None:
            if not self._fits:
                self._attached.log(logs or {}, epoch=self._epoch or 0, split="test")

    return Integraviz


def _keras_params(model: Any) -> Dict[str, Any]:
    params: Dict[str, Any] = {}
    for name, read in (
        ("model", lambda: model.name),
        ("weights", lambda: model.count_params()),
        ("optimizer", lambda: type(model.optimizer).__name__),
        ("learning_rate", lambda: _scalar(model.optimizer.learning_rate)),
        ("loss", lambda: model.loss),
    ):
        try:
            params[name] = read()
        except Exception:
            pass  # Not built yet, or it has none.
    return params


def _scalar(value: Any) -> float:
    return float(value.numpy() if hasattr(value, "numpy") else value)


def _imported(module: str, wanted: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"integraviz.{wanted} needs {module}: pip install {module.split('.')[0]}") from error


def _lightning(wanted: str) -> Any:
    """Lightning by either of its names, whichever is loaded."""
    if "lightning.pytorch" not in sys.modules and "pytorch_lightning" in sys.modules:
        return sys.modules["pytorch_lightning"]
    return _imported("lightning.pytorch", wanted)


def _lightning_logger() -> type:
    base = importlib.import_module(_lightning("LightningLogger").__name__ + ".loggers.logger").Logger

    class LightningLogger(base):  # pyright: ignore[reportUntypedBaseClass, reportGeneralTypeIssues]
        """Logs what `self.log` of a LightningModule logs, with Lightning's own steps and epochs.

            Trainer(logger=integraviz.LightningLogger(project="mnist"), callbacks=[integraviz.LightningCallback()])

        A metric that was logged in one step only comes again, with its old value, at each later logging
        step of the epoch: Lightning says so to every logger. `run` and `**given` as in `Integraviz`.
        """

        def __init__(self, run: Optional[Run] = None, **given: Any) -> None:
            super().__init__()
            self._attached = _Attached(run, given)

        @property
        def name(self) -> str:
            return self._attached.current()._sender.endpoint.project or "default"

        @property
        def version(self) -> str:
            return self._attached.current().id

        @property
        def experiment(self) -> Run:
            return self._attached.current()

        @property
        def save_dir(self) -> Optional[str]:
            return None

        def log_hyperparams(self, params: Any, *_args: Any, **_more: Any) -> None:
            if _is_first_rank():
                self._attached.current().params(params)

        def log_metrics(self, metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
            if not _is_first_rank():
                return
            values = dict(metrics)
            epoch = values.pop("epoch", None)
            if self._attached.run is None:
                self._attached.begin()
            self._attached.log(values, step=step, epoch=None if epoch is None else int(epoch))

        def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
            path = getattr(checkpoint_callback, "best_model_path", "") or getattr(
                checkpoint_callback, "last_model_path", ""
            )
            if path and _is_first_rank():
                self._attached.current().checkpoint(path, score=_plain(checkpoint_callback, "best_model_score"))

        def finalize(self, status: str) -> None:
            error = sys.exc_info()[1] if status == "failed" else None
            if status == "failed" and error is None:
                error = RuntimeError("The training failed.")
            if self._attached.run is not None and _is_first_rank():
                self._attached.end(error)

    return LightningLogger


def _plain(of: Any, name: str) -> Optional[float]:
    try:
        return float(getattr(of, name))
    except (AttributeError, TypeError, ValueError):
        return None


def _is_first_rank() -> bool:
    return all(os.environ.get(name, "0") == "0" for name in ("RANK", "LOCAL_RANK", "SLURM_PROCID"))


def _refuse_processes(count: int) -> None:
    if count > 1:
        raise _Refused("several processes train one model, and would not set it at the same step")


def _lightning_callback() -> type:
    base = _lightning("LightningCallback").Callback

    class LightningCallback(base):  # pyright: ignore[reportUntypedBaseClass, reportGeneralTypeIssues]
        """Ends a training with Lightning when someone asks for that, after the batch in hand.

        Beside a `LightningLogger`, whose run it asks, or with a `run` of its own. Lightning goes on to
        its `min_epochs` and `min_steps` all the same. A learning rate that is asked for is set when an
        epoch begins, as by `Run.adjust`; not where several processes train one model.
        """

        def __init__(self, run: Optional[Run] = None) -> None:
            super().__init__()
            self._run = run

        def _run_of(self, trainer: Any) -> Optional[Run]:
            if self._run is None:
                for logger in getattr(trainer, "loggers", ()):
                    attached = getattr(logger, "_attached", None)
                    if isinstance(attached, _Attached):
                        return attached.current()
            return self._run or _current

        def on_train_batch_end(self, trainer: Any, *_args: Any, **_more: Any) -> None:
            run = self._run_of(trainer)
            if run is not None and run.stop_requested is not None:
                trainer.should_stop = True

        def on_train_epoch_start(self, trainer: Any, *_args: Any) -> None:
            run = self._run_of(trainer)
            if run is not None:
                epoch = trainer.current_epoch
                run.event("on_epoch_begin", epoch=epoch, step=trainer.global_step)
                rate = _LearningRate()
                rate.set(run, lambda value: self._set_rate(trainer, value))
                rate.read_back(run, lambda: trainer.optimizers[0].param_groups[0]["lr"], trainer.global_step, epoch)

        def _set_rate(self, trainer: Any, value: float) -> None:
            _refuse_processes(getattr(trainer, "world_size", 1))
            configured = [each.scheduler for each in getattr(trainer, "lr_scheduler_configs", ())]
            _set_torch_rate(trainer.optimizers, configured, value)

        def on_exception(self, trainer: Any, _module: Any, exception: BaseException) -> None:
            run = self._run_of(trainer)
            if run is not None:
                run._failure = _failure_of(exception)

    return LightningCallback


def _hf_callback() -> type:
    base = _imported("transformers", "HFCallback").TrainerCallback

    class HFCallback(base):  # pyright: ignore[reportUntypedBaseClass, reportGeneralTypeIssues]
        """Logs a training with Hugging Face's Trainer, and ends it when someone asks for that.

            Trainer(..., callbacks=[integraviz.HFCallback(project="llm")])

        Steps are the Trainer's `global_step`; its `epoch` is a fraction, and stays one as a metric; the
        event's epoch is the whole part. `eval_` is the split validation, `test_` the split test. The
        Trainer logs a loss of NaN as 0.0, and every later one: where `grad_norm` says so too, NaN is
        logged. A learning rate that is asked for is set before the next step, since epochs may take days,
        and its schedule goes on from there, as by `Run.adjust`; not where several processes train one
        model. `run` and `**given` as in `Integraviz`.
        """

        def __init__(self, run: Optional[Run] = None, **given: Any) -> None:
            super().__init__()
            self._attached = _Attached(run, given)

        def on_train_begin(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
            if state.is_world_process_zero:
                given = {name: value for name, value in args.to_dict().items() if not _is_secret(name)}
                self._attached.begin(given)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_more: Any) -> None:
            if not state.is_world_process_zero or not logs:
                return
            values = dict(logs)
            if values.get("loss") == 0.0 and _is_nan(values.get("grad_norm")):
                values["loss"] = math.nan
                self._attached.current()._warn(
                    "zero loss", "the loss is NaN, which transformers logs as 0.0: it is logged as NaN."
                )
            epoch = values.get("epoch", state.epoch)
            named = {f"val_{name[5:]}" if name.startswith("eval_") else name: value for name, value in values.items()}
            self._attached.log(named, step=state.global_step, epoch=None if epoch is None else int(epoch))

        def on_step_begin(
            self, args: Any, state: Any, control: Any, optimizer: Any = None, lr_scheduler: Any = None, **_more: Any
        ) -> None:
            def write(value: float) -> None:
                _refuse_processes(getattr(args, "world_size", 1))
                _set_torch_rate([optimizer], [] if lr_scheduler is None else [lr_scheduler], value)

            run = self._attached.run
            if run is not None and run._adjustments:
                rate = _LearningRate()
                rate.set(run, write)
                epoch = None if state.epoch is None else int(state.epoch)
                rate.read_back(run, lambda: optimizer.param_groups[0]["lr"], state.global_step, epoch)

        def on_step_end(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
            if self._attached.stop:
                control.should_training_stop = True

        def on_save(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
            path = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")
            if state.is_world_process_zero and os.path.isdir(path):
                self._attached.current().checkpoint(path, step=state.global_step)

        def on_train_end(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
            if state.is_world_process_zero:
                self._attached.end()

    return HFCallback


def _is_nan(value: Any) -> bool:
    try:
        return math.isnan(float(value))
    except (TypeError, ValueError):
        return False


def _xgboost_callback() -> type:
    base = _imported("xgboost", "XGBoostCallback").callback.TrainingCallback

    class XGBoostCallback(base):  # pyright: ignore[reportUntypedBaseClass, reportGeneralTypeIssues]
        """Logs a training with XGBoost, and ends it when someone asks for that.

            xgb.train(params, data, evals=[(data, "train"), (other, "valid")],
                      callbacks=[integraviz.XGBoostCallback(params=params)])

        Rounds are epochs, counted as XGBoost counts: from 0, also when a training is continued.
        Metrics are of the split that the name in `evals` tells, else named `name/metric`. With
        `xgb.cv` they are means over the folds, and `..._std`. A learning rate that is asked for is set
        before the next round. `run` and `**given` as in `Integraviz`.
        """

        def __init__(self, run: Optional[Run] = None, **given: Any) -> None:
            super().__init__()
            self._attached = _Attached(run, given)
            self._rate = _LearningRate()

        def before_training(self, model: Any) -> Any:
            self._attached.begin()
            return model

        def before_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
            self._rate.set(self._attached.run, lambda value: model.set_param("learning_rate", value))
            return False

        def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
            self._rate.read_back(self._attached.run, lambda: _xgboost_rate(model), epoch=epoch)
            scores: List[Tuple[str, str, Any]] = []
            for dataset, metrics in evals_log.items():
                for metric, values in metrics.items():
                    last = values[-1]
                    if isinstance(last, (tuple, list)):
                        scores += [(dataset, metric, last[0]), (dataset, f"{metric}_std", last[1])]
                    else:
                        scores.append((dataset, metric, last))
            self._attached.log(_by_dataset(scores), epoch=epoch)
            # xgb.cv reads the best round of a training that was ended, and would fail without one.
            if self._attached.stop and hasattr(model, "cvfolds") and model.attr("best_iteration") is None:
                model.set_attr(best_iteration=str(epoch))
            return self._attached.stop

        def after_training(self, model: Any) -> Any:
            self._attached.end()
            return model

    return XGBoostCallback


def _xgboost_rate(model: Any) -> float:
    booster = model.cvfolds[0].bst if hasattr(model, "cvfolds") else model
    found = re.search(r'"learning_rate":\s*"([^"]+)"', booster.save_config())
    if found is None:
        raise _Refused("this booster has none")
    return float(found[1])


class LightGBMCallback:
    """Logs a training with LightGBM, and ends it when someone asks for that.

        lgb.train(params, data, valid_sets=[other], valid_names=["valid"],
                  callbacks=[integraviz.LightGBMCallback()])

    Rounds are epochs, counted as LightGBM counts: from 0, and on from there with `init_model`. Metrics
    are of the split that the name in `valid_names` tells, else named `name/metric`; with `lgb.cv` they
    are means over the folds, and `..._std`. A learning rate that is asked for is set for the next round,
    and read back of its tree. LightGBM has no hook for the end of a training: a run of
    the callback's own ends with the last round, and where another callback stops earlier with the
    process or by `run.finish()`. `run` and `**given` as in `Integraviz`.
    """

    def __init__(self, run: Optional[Run] = None, **given: Any) -> None:
        # Before early_stopping (30), which would keep its last round from us. LightGBM looks into the object itself.
        self.order = 25
        self.before_iteration = False
        self._attached = _Attached(run, given)
        self._rate = _LearningRate()

    @property
    def run(self) -> Optional[Run]:
        return self._attached.run

    def __call__(self, env: Any) -> None:
        if self._attached.run is None or env.iteration == env.begin_iteration:
            self._attached.begin(env.params, has_end=False)
        scores: List[Tuple[str, str, Any]] = []
        for entry in env.evaluation_result_list or ():
            # Of its own class since 4.6, whose length, order and indices disagree: the first three do not.
            dataset, metric, value = entry[0], entry[1], entry[2]
            if dataset == "cv_agg":
                dataset, _, metric = metric.partition(" ")
            scores.append((dataset, metric, value))
            deviation = _deviation(entry)
            if deviation is not None:
                scores.append((dataset, f"{metric}_std", deviation))
        self._attached.log(_by_dataset(scores), epoch=env.iteration)
        boosters = getattr(env.model, "boosters", [env.model])
        self._rate.read_back(
            self._attached.run, lambda: _lightgbm_rate(boosters[0], env.iteration), epoch=env.iteration
        )
        if env.iteration + 1 < env.end_iteration:
            self._rate.set(self._attached.run, lambda value: _set_lightgbm_rate(boosters, env.params, value))
        if self._attached.stop:
            self._attached.end()
            exception = importlib.import_module("lightgbm.callback").EarlyStopException
            raise exception(env.iteration, env.evaluation_result_list)
        if env.iteration + 1 == env.end_iteration:
            self._attached.end()


def _set_lightgbm_rate(boosters: Sequence[Any], params: Dict[str, Any], value: float) -> None:
    for booster in boosters:
        booster.reset_parameter({"learning_rate": value})
    params["learning_rate"] = value


def _lightgbm_rate(booster: Any, iteration: int) -> float:
    """Of a tree that was grown: a forest has its own. DART weighs each anew, so there the parameter counts."""
    said = re.search(r"\[boosting: dart\][\s\S]*\[learning_rate: ([^\]]+)\]", booster.model_to_string(num_iteration=1))
    if said is not None:
        return float(said[1])
    tree = booster.dump_model(start_iteration=iteration, num_iteration=1)["tree_info"][0]
    return float(tree["shrinkage"])


def _deviation(entry: Any) -> Optional[float]:
    named = getattr(entry, "metric_std_dev", None)
    if named is not None:
        return float(named)
    return float(entry[4]) if type(entry) is tuple and len(entry) == 5 else None


class CatBoostCallback:
    """Logs a training with CatBoost, and ends it when someone asks for that.

        CatBoostClassifier(...).fit(x, y, eval_set=(a, b), callbacks=[integraviz.CatBoostCallback()])

    Rounds are epochs, counted from 0 as in CatBoost's own output (its callback's first is 1). Metrics of
    `learn` are of the split train, those of `validation` of that. With `metric_period` only the rounds
    that CatBoost evaluated have points (findings/README.md, C3). It answers true, without which CatBoost
    ends after a round (C2), and rounds count from 0 again with `init_model` (C7). CatBoost has no hook
    for the end of a training: a run of the callback's own ends with the process or by `run.finish()`.
    `run` and `**given` as in `Integraviz`.
    """

    def __init__(self, run: Optional[Run] = None, **given: Any) -> None:
        self._attached = _Attached(run, given)
        self._logged: Dict[Tuple[str, str], int] = {}

    @property
    def run(self) -> Optional[Run]:
        return self._attached.run

    def after_iteration(self, info: Any) -> bool:
        if self._attached.run is None:
            self._attached.begin(has_end=False)
        if info.iteration == 1:
            self._logged.clear()
        scores: List[Tuple[str, str, Any]] = []
        for data, named in (info.metrics or {}).items():
            for name, values in named.items():
                # Between evaluations (metric_period) the last value is one of an earlier round.
                if len(values) > self._logged.get((data, name), 0):
                    self._logged[data, name] = len(values)
                    scores.append((data, name, values[-1]))
        if scores:
            self._attached.log(_by_dataset(scores), epoch=info.iteration - 1)
        self._attached.refuse("CatBoost lets no callback set anything")
        return not self._attached.stop


class OptunaCallback:
    """Logs the trials of an Optuna study, and ends it when someone asks for that.

        study.optimize(objective, n_trials=100, callbacks=[integraviz.OptunaCallback(project="search")])

    The step is the trial's number. Beside its value (`value`, or one for each objective) a trial is an
    event of kind `trial`: parameters, state, intermediate values. Optuna calls no callback for a trial
    that raises what `catch` does not name, and has no hook for the end of a study: a run of the
    callback's own ends with the process or by `run.finish()`. `run` and `**given` as in `Integraviz`.
    """

    def __init__(self, run: Optional[Run] = None, **given: Any) -> None:
        self._attached = _Attached(run, given)
        self._named: Optional[List[str]] = None

    @property
    def run(self) -> Optional[Run]:
        return self._attached.run

    def __call__(self, study: Any, trial: Any) -> None:
        run = self._attached.current()
        names = self._named or self._name_values(study, run)
        values: Dict[str, Any] = dict(zip(names, trial.values or ()))
        if values:
            run.log(values, step=trial.number)
        logs = {"number": trial.number, "state": trial.state.name, "params": trial.params, "values": values}
        if trial.intermediate_values:
            logs["intermediate"] = {str(step): value for step, value in trial.intermediate_values.items()}
        if trial.duration is not None:
            logs["seconds"] = trial.duration.total_seconds()
        run.event("trial", logs, step=trial.number)
        self._attached.refuse("a study has no learning rate: its trials have")
        if self._attached.stop:
            study.stop()

    def _name_values(self, study: Any, run: Run) -> List[str]:
        count = len(study.directions)
        numbered = [f"value_{index}" for index in range(count)] if count > 1 else ["value"]
        self._named = names = list(study.metric_names or numbered)
        run.tags({"study": study.study_name})
        for name, direction in zip(names, study.directions):
            run.define(name, best="max" if direction.name == "MAXIMIZE" else "min")
        return names


def log_estimator(
    estimator: Any,
    X: Any = None,
    y: Any = None,
    *,
    run: Optional[Run] = None,
    split: str = "test",
    metrics: Optional[Mapping[str, Any]] = None,
    **given: Any,
) -> Run:
    """Logs a fitted estimator of scikit-learn: its parameters, what it says of its fit, and a score.

        integraviz.log_estimator(model, X_test, y_test, project="digits")

    Args:
        estimator: Fitted. Of a search over parameters (`cv_results_`) each candidate is a step.
        X, y: Data to score it on, by its own `score`.
        split: What data that is: "train", "validation" or "test".
        metrics: More metrics of that data, by name.
        run, **given: As in `Integraviz`. A run of its own is ended.
    """
    attached = _Attached(run, given)
    logged = attached.begin(has_end=False)
    try:
        logged.tags({"estimator": type(estimator).__name__})
        logged.params(estimator.get_params())
        last = 0
        for name, values, of in _fit_curves(estimator):
            for epoch, value in enumerate(values):
                logged.log({name: float(value)}, epoch=epoch, split=of)
            last = max(last, len(values) - 1)
        _log_search(estimator, logged)
        scores = dict(metrics or {})
        if X is not None:
            scores["score"] = float(estimator.score(X, y))
        if scores:
            logged.log(scores, epoch=last, split=split)
    except Exception as error:
        logged._warn("estimator", f"not all of {type(estimator).__name__} can be logged: {_reason_of(error)}")
    attached.end()
    return logged


def _fit_curves(estimator: Any) -> Iterator[Tuple[str, Sequence[Any], str]]:
    for attribute, name, split in (
        ("loss_curve_", "loss", "train"),
        ("train_score_", "train_score", "train"),
        ("validation_scores_", "score", "validation"),
        ("validation_score_", "score", "validation"),
    ):
        values = getattr(estimator, attribute, None)
        if values is not None and len(values):
            yield name, values, split


def _log_search(search: Any, run: Run) -> None:
    results = getattr(search, "cv_results_", None)
    if results is None:
        return
    numbers = {name: values for name, values in results.items() if re.match(r"(mean|std|rank)_", name)}
    for index, params in enumerate(results["params"]):
        # Their `test` is the fold that was left out of the fit: the split validation.
        row = {re.sub(r"_test_", "_", name): float(values[index]) for name, values in numbers.items()}
        run.log(row, step=index, split="validation")
        run.event("trial", {"number": index, "params": params}, step=index)
    if hasattr(search, "best_params_"):
        run.params({f"best/{name}": value for name, value in search.best_params_.items()})


_LAZY = {
    "Integraviz": _keras_callback,
    "LightningLogger": _lightning_logger,
    "LightningCallback": _lightning_callback,
    "HFCallback": _hf_callback,
    "XGBoostCallback": _xgboost_callback,
}

Integraviz: Any
LightningLogger: Any
LightningCallback: Any
HFCallback: Any
XGBoostCallback: Any


def __getattr__(name: str) -> Any:
    """Callbacks that derive from a class of their framework are made when they are first named."""
    make = _LAZY.get(name)
    if make is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = make()
    # As if it stood here, so that it can be pickled.
    made.__module__, made.__qualname__ = __name__, name
    globals()[name] = made
    return made


def __dir__() -> List[str]:
    return sorted({*globals(), *_LAZY})


if __name__ == "__main__":
    sys.exit(main())
