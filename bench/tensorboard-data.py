"""Writes the points of bench/series.ts as TensorBoard event files: an event a value, as add_scalar does.

python tensorboard-data.py FOLDER RUNS STEPS, with tensorboardX.
"""
import math
import os
import sys

from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.record_writer import RecordWriter

folder, runs, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for run in range(runs):
    os.makedirs(f"{folder}/run-{run}")
    writer = RecordWriter(f"{folder}/run-{run}/events.out.tfevents.1790000000.bench")
    writer.write(Event(wall_time=1_790_000_000, file_version="brain.Event:2").SerializeToString())
    for step in range(steps):
        noise = math.sin(step * 12.9898 + run * 78.233) * 43758.5453
        jitter = noise - math.floor(noise)
        values = {
            "loss": 2 * math.exp(-step / 2_000) + 0.1 * jitter,
            "accuracy": 1 - math.exp(-step / 1_500) * (0.9 + 0.1 * jitter),
            "lr": 0.001 * 0.9999**step,
            "grad_norm": 1 + jitter,
            "seconds": 0.01 + 0.002 * jitter,
        }
        for tag, value in values.items():
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            writer.write(Event(wall_time=1_790_000_000 + step / 10, step=step, summary=summary).SerializeToString())
    writer.close()
