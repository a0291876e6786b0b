"""What one log of five metrics costs the training loop: one way to log a process, figures as JSON on stdout.

loop.py WAY URL FOLDER CALLS, or loop.py keras with|without URL FOLDER.
"""

import collections
import json
import math
import os
import sys
import time

GAP = 200e-6
"""Between two logs, s: a training computes."""


def values_of(step):
    return {
        "loss": 1 / (step + 1),
        "accuracy": 1 - 1 / (step + 2),
        "learning_rate": 1e-3,
        "grad_norm": math.sqrt(step + 1),
        "examples_per_s": 1e4 + step,
    }


def integraviz_way(mode):
    def way(url, folder):
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trainer", "python"))
        import integraviz

        run = integraviz.init(url=url, token="bench", folder=folder, mode=mode, provenance=False)
        return lambda values, step: run.log(values, step=step), lambda: run.finish(timeout=2)

    return way


def kept(url, folder):
    """The least that whoever sends later can do: keep a copy with its time, as long as a server of 2 s takes."""
    waiting = collections.deque(maxlen=10_000)
    return lambda values, step: waiting.append((step, time.time(), dict(values))), lambda: None


def paper(url, folder):
    import requests

    def log(values, step):
        event = {"id": "bench", "description": "on_epoch_end", "created_at": str(time.time()), "logs": values}
        requests.post(url, headers={"Content-Type": "application/json"}, json=event)

    return log, lambda: None


def trackio_way(url, folder):
    os.environ.update(HF_HOME=folder, TRACKIO_DIR=folder, HF_HUB_OFFLINE="1")
    import trackio

    trackio.init(project="bench", embed=False)
    return lambda values, step: trackio.log(values, step=step), trackio.finish


def wandb_way(url, folder):
    os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=folder)
    import wandb

    run = wandb.init(project="bench")
    return lambda values, step: run.log(values, step=step), run.finish


def mlflow_way(synchronous):
    def way(url, folder):
        os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_ALLOW_FILE_STORE="true")
        import mlflow

        mlflow.set_tracking_uri(f"file://{folder}")
        mlflow.set_experiment("bench")
        mlflow.start_run()
        return lambda values, step: mlflow.log_metrics(values, step=step, synchronous=synchronous), mlflow.end_run

    return way


def writer_way(module):
    def way(url, folder):
        writer = __import__(module, fromlist=["SummaryWriter"]).SummaryWriter(folder)

        def log(values, step):
            for name, value in values.items():
                writer.add_scalar(name, value, step)

        return log, writer.close

    return way


def neptune(url, folder):
    os.environ.update(NEPTUNE_MODE="offline", NEPTUNE_PROJECT="bench/bench", NEPTUNE_LOG_DIRECTORY=folder)
    from neptune_scale import Run

    run = Run(run_id="bench", mode="offline", log_directory=folder)
    return lambda values, step: run.log_metrics(values, step=step), run.close


WAYS = {
    "online": integraviz_way("online"),
    "durable": integraviz_way("durable"),
    "kept": kept,
    "paper": paper,
    "trackio": trackio_way,
    "wandb": wandb_way,
    "mlflow": mlflow_way(True),
    "mlflow-async": mlflow_way(False),
    "tensorboardX": writer_way("tensorboardX"),
    "torch": writer_way("torch.utils.tensorboard"),
    "neptune": neptune,
}


def measure(way, url, folder, calls):
    log, end = WAYS[way](url, folder)
    spent = []
    clock = time.perf_counter
    # A twentieth warms up.
    for step in range(-calls // 20, calls):
        values = values_of(max(step, 0))
        before = clock()
        log(values, max(step, 0))
        after = clock()
        if step >= 0:
            spent.append(after - before)
        if step == calls // 2:
            # Whoever started this may end the server now.
            print("half", file=sys.stderr, flush=True)
        while clock() < after + GAP:
            pass
    spent.sort()
    at = lambda share: 1e6 * spent[min(len(spent) - 1, int(share * len(spent)))]
    figures = {"mean": 1e6 * sum(spent) / len(spent), "p50": at(0.5), "p99": at(0.99), "p99.9": at(0.999)}
    sys.__stdout__.write(json.dumps(figures) + "\n")
    sys.__stdout__.flush()
    end()


def keras_fit(with_callback, url, folder):
    """Processor seconds of a fit of some seconds, all threads of the process together."""
    os.environ.update(KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trainer", "python"))
    import integraviz
    import keras
    import numpy

    random = numpy.random.default_rng(1)
    x, y = random.normal(size=(6_000, 28, 28, 1)).astype("float32"), random.integers(0, 10, 6_000)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    # Compiling is not what is asked for.
    model.fit(x[:256], y[:256], batch_size=128, verbose=0)
    callbacks = []
    if with_callback:
        callbacks = [integraviz.Integraviz(url=url, token="bench", folder=folder, provenance=False)]
    before = time.process_time()
    model.fit(x, y, batch_size=128, epochs=3, verbose=0, callbacks=callbacks)
    sys.__stdout__.write(json.dumps({"seconds": time.process_time() - before}) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "keras":
        keras_fit(sys.argv[2] == "with", *sys.argv[3:5])
    else:
        measure(*sys.argv[1:4], int(sys.argv[4]))
