#!/usr/bin/env bash
# VisualDL's log files look like TensorBoard's: a length of 8 bytes, then a protobuf record.
# Guess: TFRecord framing with two checksums, so a reader of TensorBoard files gets through the records.
# Behaviour: there are no checksums at all: length, record, length, record. A value is a float32 in a field of
# its own, beside a step that is missing where it is 0, and the time is in milliseconds.
set -euo pipefail
. "$(dirname "$0")/folder"
install_python visualdl==2.5.3 'setuptools==80.9.0'
HOME="$folder" venv/bin/python -W ignore - <<'PY'
import glob
import importlib.metadata
import struct

from visualdl import LogWriter
from visualdl.proto import record_pb2

print("visualdl", importlib.metadata.version("visualdl"))
print("guess: each record is framed as length, checksum, record, checksum: 16 bytes beside it")
with LogWriter(logdir="log") as writer:
    for step, value in enumerate((0.1, 0.2)):
        writer.add_scalar(tag="loss", step=step, value=value)
[file] = glob.glob("log/vdlrecords.*.log")
with open(file, "rb") as opened:
    data = opened.read()
at, points = 0, []
while at < len(data):
    (length,) = struct.unpack_from("<Q", data, at)
    record = record_pb2.Record.FromString(data[at + 8 : at + 8 + length])
    at += 8 + length
    points += [(v.tag, v.id, v.value, v.timestamp > 1e12) for v in record.values if v.tag == "loss"]
print(f"seen: {len(data)} bytes read to the end with 8 bytes a record:", points)
assert at == len(data) and [p[:2] for p in points] == [("loss", 0), ("loss", 1)]
assert points[0][2] != 0.1 and abs(points[0][2] - 0.1) < 1e-7 and all(p[3] for p in points)
PY
