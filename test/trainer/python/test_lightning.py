"""PyTorch Lightning: its recorded sequence of hooks, and with --torch the Trainer itself.

Recorded with lightning 2.6.6: 2 epochs of 4 batches, log_every_n_steps=2, validation each epoch.
"""

import sys
import types

import pytest

import integraviz
from stand_in_api import until


@pytest.fixture
def lightning(monkeypatch):
    try:
        import lightning.pytorch  # noqa: F401
    except ImportError:
        for name in ("lightning", "lightning.pytorch", "lightning.pytorch.loggers", "lightning.pytorch.loggers.logger"):
            monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        sys.modules["lightning.pytorch"].Callback = type("Callback", (), {})
        sys.modules["lightning.pytorch.loggers.logger"].Logger = type("Logger", (), {})
    yield
    for name in ("LightningLogger", "LightningCallback"):
        vars(integraviz).pop(name, None)


class Recorded:
    def __init__(self, logger, callback, schedule=None):
        self.logger, self.callback = logger, callback
        self.optimizers = [types.SimpleNamespace(param_groups=[{"lr": 0.1}, {"lr": 0.01}])]
        self.lr_scheduler_configs = [] if schedule is None else [types.SimpleNamespace(scheduler=schedule)]
        self.world_size = 1
        self.should_stop = False
        self.loggers = [logger]
        self.current_epoch = self.global_step = 0

    def fit(self, epochs=2, error=None, on_batch=lambda step: None):
        self.logger.log_hyperparams({"lr": 0.1})
        try:
            for epoch in range(epochs):
                self.current_epoch = epoch
                self.callback.on_train_epoch_start(self, None)
                for batch in range(4):
                    on_batch(self.global_step)
                    if error is not None and self.global_step == 2:
                        raise error
                    if self.global_step % 2 == 1:
                        self.logger.log_metrics({"loss_step": 0.5, "epoch": epoch}, step=self.global_step)
                    self.global_step += 1
                    self.callback.on_train_batch_end(self, None, None, None, batch)
                    if self.should_stop:
                        break
                self.logger.log_metrics({"val_loss": 0.25, "epoch": epoch}, step=self.global_step - 1)
                self.logger.log_metrics({"loss_epoch": 0.5, "epoch": epoch}, step=self.global_step - 1)
                if self.should_stop:
                    break
            self.logger.finalize("success")
        except BaseException as caught:
            self.callback.on_exception(self, None, caught)
            self.logger.finalize("failed")
            if isinstance(caught, KeyboardInterrupt):
                raise SystemExit(1)
            raise


def test_names_steps_and_epochs(begin, api, lightning):
    run = begin()
    Recorded(integraviz.LightningLogger(run), integraviz.LightningCallback()).fit()
    run.finish()
    found = [(event["step"], event["epoch"], event["logs"]) for event in api.of_kind("on_train_batch_end")]
    assert found == [
        (1, 0, {"loss_step": 0.5}), (3, 0, {"loss_step": 0.5}), (3, 0, {"val_loss": 0.25}), (3, 0, {"loss_epoch": 0.5}),
        (5, 1, {"loss_step": 0.5}), (7, 1, {"loss_step": 0.5}), (7, 1, {"val_loss": 0.25}), (7, 1, {"loss_epoch": 0.5}),
    ]  # fmt: skip
    assert api.of_kind("params")[0]["logs"] == {"lr": 0.1}
    assert [event["epoch"] for event in api.of_kind("on_epoch_begin")] == [0, 1]


def test_a_stop_ends_it_after_the_batch_in_hand(begin, api, lightning):
    run = begin()

    def on_batch(step):
        if step == 2:
            api.stop("r", "enough")
            until(lambda: run.stop_requested, "the stop is known")

    recorded = Recorded(integraviz.LightningLogger(run), integraviz.LightningCallback())
    recorded.fit(on_batch=on_batch)
    run.finish()
    assert recorded.global_step == 3


def asking(api, run, value=0.05, at=2):
    def on_batch(step):
        if step == at:
            api.adjust("r", "learning_rate", value)
            until(lambda: run.requested("learning_rate") == value, "the request is known")

    return on_batch


def test_a_learning_rate_is_set_when_the_next_epoch_begins(begin, api, lightning):
    run = begin()
    recorded = Recorded(integraviz.LightningLogger(run), integraviz.LightningCallback())
    recorded.fit(on_batch=asking(api, run))
    run.finish()
    assert [group["lr"] for group in recorded.optimizers[0].param_groups] == pytest.approx([0.05, 0.005])
    [applied] = api.of_kind("adjust_applied")
    assert (applied["epoch"], applied["step"], applied["logs"]["applied"]) == (1, 4, 0.05)


@pytest.mark.parametrize(
    "schedule, processes, why",
    [("OneCycleLR", 1, "OneCycleLR sets a rate of its own"), (None, 2, "several processes train one model")],
)
def test_a_learning_rate_that_would_not_hold_is_refused(begin, api, lightning, schedule, processes, why):
    run = begin()
    schedule = schedule and type(schedule, (), {})()
    recorded = Recorded(integraviz.LightningLogger(run), integraviz.LightningCallback(), schedule)
    recorded.world_size = processes
    recorded.fit(on_batch=asking(api, run))
    run.finish()
    assert recorded.optimizers[0].param_groups == [{"lr": 0.1}, {"lr": 0.01}]
    assert [why in event["logs"]["why"] for event in api.of_kind("adjust_applied", "adjust_refused")] == [True]


@pytest.mark.parametrize(
    "error, seen, end",
    [
        (ValueError("too large"), ValueError, {"status": "failed", "error": "ValueError: too large"}),
        (KeyboardInterrupt(), SystemExit, {"status": "stopped", "error": "KeyboardInterrupt"}),
    ],
)
def test_an_exception_ends_a_run_of_its_own(given, api, lightning, error, seen, end):
    with pytest.raises(seen):
        Recorded(integraviz.LightningLogger(**given), integraviz.LightningCallback()).fit(error=error)
    assert [event["logs"] for event in api.of_kind("on_train_end")] == [end]


def test_a_run_of_its_own_ends_with_the_fit_and_takes_a_test_after_it(given, api, lightning):
    logger = integraviz.LightningLogger(**given)
    Recorded(logger, integraviz.LightningCallback()).fit(1)
    logger.log_metrics({"test_loss": 0.1, "epoch": 1}, step=4)
    assert [event["logs"] for event in api.of_kind("on_train_end")] == [{"status": "finished"}] * 2
    assert api.of_kind("on_train_batch_end")[-1]["logs"] == {"test_loss": 0.1}
    assert (logger.name, logger.version) == ("default", "r")


def test_only_the_first_rank_logs(begin, api, lightning, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    Recorded(integraviz.LightningLogger(begin()), integraviz.LightningCallback()).fit(1)
    integraviz.finish()
    assert api.of_kind("on_train_batch_end") == []


@pytest.mark.torch
def test_the_trainer_itself(given, api, tmp_path):
    torch = pytest.importorskip("torch")
    pl = pytest.importorskip("lightning.pytorch")

    class Linear(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch, index):
            loss = (self.layer(batch[0]) ** 2).mean()
            self.log("loss", loss, on_step=True, on_epoch=True)
            if self.trainer.global_step == 1:
                api.adjust("r", "learning_rate", 0.005)
                until(lambda: logger.experiment.requested("learning_rate"), "the request is known")
            if self.trainer.global_step == 5:
                api.stop("r", "enough")
                until(lambda: logger.experiment.stop_requested, "the stop is known")
            return loss

        def validation_step(self, batch, index):
            self.log("val_loss", (self.layer(batch[0]) ** 2).mean())

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.01)

    rows = torch.utils.data.TensorDataset(torch.ones(32, 4))
    loader = torch.utils.data.DataLoader(rows, batch_size=8)
    logger = integraviz.LightningLogger(**given)
    trainer = pl.Trainer(
        max_epochs=4, logger=logger, callbacks=[integraviz.LightningCallback()], log_every_n_steps=2,
        accelerator="cpu", enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False,
        default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(Linear(), loader, loader)
    assert trainer.global_step == 6
    [applied] = api.of_kind("adjust_applied")
    assert (applied["epoch"], applied["logs"]["applied"]) == (1, 0.005)
    assert trainer.optimizers[0].param_groups[0]["lr"] == 0.005
    steps = [(event["step"], sorted(event["logs"])) for event in api.of_kind("on_train_batch_end")]
    assert [step for step, names in steps if "loss_step" in names] == [1, 3, 5]
    assert (3, ["val_loss"]) in steps
    assert api.of_kind("on_train_end")[0]["logs"]["status"] == "stopped"
