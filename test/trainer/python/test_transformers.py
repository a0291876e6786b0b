"""Hugging Face's Trainer: its recorded sequence of hooks, and with --torch the Trainer itself.

Recorded with transformers 5.23.0: a linear model, 3 epochs of 4 steps, logging_steps=2, an evaluation
each epoch.
"""

import math
import sys
import types

import pytest

import integraviz
from stand_in_api import until


class TrainerCallback:
    pass


@pytest.fixture
def callback_class(monkeypatch):
    try:
        import transformers  # noqa: F401
    except ImportError:
        stand_in = types.ModuleType("transformers")
        stand_in.TrainerCallback = TrainerCallback
        monkeypatch.setitem(sys.modules, "transformers", stand_in)
    yield integraviz.HFCallback
    vars(integraviz).pop("HFCallback", None)


class LambdaLR:
    """As PyTorch's: each step sets what it began with, times a function of the step."""

    def __init__(self, optimizer, steps):
        self.optimizer, self.lr_lambdas, self.last_epoch = optimizer, [lambda step: 1 - step / steps], 0
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]

    def step(self):
        self.last_epoch += 1
        for group, rate in zip(self.optimizer.param_groups, self.base_lrs):
            group["lr"] = rate * self.lr_lambdas[0](self.last_epoch)


class Recorded:
    """Calls the hooks as the Trainer does, until it is told to stop."""

    def __init__(self, callback, output_dir="/nowhere"):
        arguments = {"learning_rate": 0.1, "hub_token": "hidden", "max_tokens": 5, "report_to": []}
        self.args = types.SimpleNamespace(output_dir=output_dir, to_dict=lambda: arguments)
        self.state = types.SimpleNamespace(global_step=0, epoch=0.0, is_world_process_zero=True)
        self.control = types.SimpleNamespace(should_training_stop=False)
        self.callback = callback
        self.optimizer = types.SimpleNamespace(param_groups=[{"lr": 0.1}])
        self.lr_scheduler = LambdaLR(self.optimizer, 12)

    def hook(self, name, **more):
        getattr(self.callback, name, lambda *_, **__: None)(
            self.args, self.state, self.control, optimizer=self.optimizer, lr_scheduler=self.lr_scheduler, **more
        )  # fmt: skip

    def log(self, **logs):
        self.hook("on_log", logs={**logs, "epoch": self.state.epoch})

    def train(self, epochs=3, grad_norm=0.5, loss=lambda step: 1 / step, on_step=lambda step: None):
        self.hook("on_train_begin")
        for _ in range(epochs):
            for _ in range(4):
                self.hook("on_step_begin")
                self.lr_scheduler.step()
                self.state.global_step += 1
                self.state.epoch = self.state.global_step / 4
                on_step(self.state.global_step)
                self.hook("on_step_end")
                if self.state.global_step % 2 == 0:
                    self.log(loss=loss(self.state.global_step), grad_norm=grad_norm, learning_rate=0.1)
                if self.control.should_training_stop:
                    break
            self.log(eval_loss=0.5, eval_runtime=0.01)
            self.hook("on_evaluate")
            if self.control.should_training_stop:
                break
        self.log(train_runtime=1.0, train_loss=0.7)
        self.hook("on_train_end")


def test_names_splits_steps_and_epochs(begin, api, callback_class):
    run = begin()
    Recorded(callback_class(run)).train()
    run.finish()
    found = [(event["step"], event["epoch"], event["logs"]) for event in api.of_kind("on_train_batch_end")]
    assert [step for step, _, _ in found] == [2, 4, 4, 6, 8, 8, 10, 12, 12, 12]
    assert [epoch for _, epoch, _ in found] == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert found[0][2] == {"loss": 0.5, "grad_norm": 0.5, "learning_rate": 0.1, "epoch": 0.5}
    assert found[2][2] == {"val_loss": 0.5, "val_runtime": 0.01, "epoch": 1.0}
    assert found[-1][2] == {"train_runtime": 1.0, "train_loss": 0.7, "epoch": 3.0}
    assert api.of_kind("params")[0]["logs"] == {"learning_rate": 0.1, "max_tokens": 5, "report_to": []}


def test_a_loss_of_nan_that_is_logged_as_0_is_nan(begin, api, said, callback_class):
    run = begin()
    Recorded(callback_class(run)).train(1, grad_norm=math.nan, loss=lambda _: 0.0)
    run.finish()
    assert api.of_kind("on_train_batch_end")[0]["logs"]["loss"] == {"$num": "NaN"}
    assert len(said) == 1 and "transformers logs as 0.0" in said[0]


def test_a_stop_ends_it_after_the_step_in_hand(begin, api, callback_class):
    run = begin()

    def on_step(step):
        if step == 5:
            api.stop("r", "enough")
            until(lambda: run.stop_requested, "the stop is known")

    recorded = Recorded(callback_class(run))
    recorded.train(on_step=on_step)
    run.finish()
    assert recorded.state.global_step == 5
    assert api.of_kind("on_train_end")[0]["logs"]["status"] == "stopped"


def test_a_learning_rate_is_set_before_the_next_step_and_its_schedule_goes_on_from_there(begin, api, callback_class):
    run = begin()

    def on_step(step):
        if step == 3:
            api.adjust("r", "learning_rate", 0.0075)
            until(lambda: run.requested("learning_rate"), "the request is known")

    recorded = Recorded(callback_class(run))
    recorded.train(2, on_step=on_step)
    run.finish()
    [applied] = api.of_kind("adjust_applied")
    assert (applied["step"], applied["epoch"], applied["logs"]["applied"]) == (3, 0, 0.0075)
    # After 3 of 12 steps 0.75 of it were left, and after 8 a third is.
    assert recorded.optimizer.param_groups[0]["lr"] == pytest.approx(0.01 / 3)


@pytest.mark.parametrize("warming, processes, why", [(True, 1, "it is 0 just now"), (False, 2, "several processes")])
def test_a_learning_rate_that_would_not_hold_is_refused(begin, api, callback_class, warming, processes, why):
    run = begin()
    recorded = Recorded(callback_class(run))
    recorded.args.world_size = processes
    if warming:
        recorded.optimizer.param_groups[0]["lr"] = 0.0
    api.adjust("r", "learning_rate", 0.0075)
    until(lambda: run.requested("learning_rate"), "the request is known")
    recorded.train(1)
    run.finish()
    assert [why in event["logs"]["why"] for event in api.of_kind("adjust_applied", "adjust_refused")] == [True]
    assert recorded.lr_scheduler.base_lrs == [0.1]


def test_a_run_of_its_own_ends_and_takes_an_evaluation_after_it(given, api, callback_class, tmp_path):
    recorded = Recorded(callback_class(**given), str(tmp_path))
    (tmp_path / "checkpoint-4").mkdir()
    recorded.train(1)
    recorded.hook("on_save")
    recorded.log(eval_loss=0.4)
    assert [event["logs"] for event in api.of_kind("on_train_end")] == [{"status": "finished"}] * 2
    assert api.of_kind("on_train_batch_end")[-1]["logs"]["val_loss"] == 0.4


def test_only_the_first_process_logs(begin, api, callback_class):
    recorded = Recorded(callback_class(begin()))
    recorded.state.is_world_process_zero = False
    recorded.train(1)
    integraviz.finish()
    assert api.of_kind("on_train_batch_end") == []


@pytest.mark.torch
def test_the_trainer_itself(given, api, tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    class Linear(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x=None, labels=None):
            y = self.layer(x)
            return {"loss": ((y - labels) ** 2).mean(), "logits": y}

    rows = [{"x": torch.ones(4) * n / 32, "labels": torch.tensor([1.0])} for n in range(32)]
    asked = []

    class Watch(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step == 3:
                api.adjust("r", "learning_rate", 2e-5)
                until(lambda: callback._attached.run.requested("learning_rate"), "the request is known")
            if state.global_step == 6:
                api.stop("r", "enough")
                until(lambda: callback._attached.run.stop_requested, "the stop is known")
                asked.append(state.global_step)

    callback = integraviz.HFCallback(**given)
    arguments = transformers.TrainingArguments(
        str(tmp_path), num_train_epochs=3, per_device_train_batch_size=8, logging_steps=2, eval_strategy="epoch",
        save_strategy="no", report_to="none", use_cpu=True, disable_tqdm=True,
    )  # fmt: skip
    trainer = transformers.Trainer(
        Linear(), arguments, train_dataset=rows, eval_dataset=rows, callbacks=[Watch(), callback]
    )
    trainer.train()
    assert asked == [6] and trainer.state.global_step == 6
    [applied] = api.of_kind("adjust_applied")
    assert applied["step"] == 3 and applied["logs"]["applied"] == 2e-5
    # Of 12 steps 9 were left then, and 6 are now.
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(2e-5 * 6 / 9)
    steps = [(event["step"], sorted(event["logs"])) for event in api.of_kind("on_train_batch_end")]
    assert [step for step, names in steps if "loss" in names] == [2, 4, 6]
    assert [step for step, names in steps if "val_loss" in names][0] == 4
    assert api.of_kind("on_train_end")[0]["logs"]["status"] == "stopped"
