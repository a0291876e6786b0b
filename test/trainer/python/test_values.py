"""Scalars and configurations of libraries whose ways nobody guesses: findings/README.md, K."""

import argparse
import dataclasses
import enum

import pytest

import integraviz


class Name(str, enum.Enum):
    LOSS = "loss"


def points_of(api):
    return [event["logs"] for event in api.of_kind("on_train_batch_end")]


class TestScalars:
    def test_a_masked_value_is_left_out_and_is_no_zero(self, begin, api, said):
        numpy = pytest.importorskip("numpy")
        run = begin()
        column = numpy.ma.array([1.0, 2.0], mask=True)
        run.log({"none": column.mean(), "one": numpy.ma.array([5.0], mask=[True]), "loss": 0.5})
        run.log({"loss": numpy.ma.array([1.0, 3.0], mask=[False, True]).mean()})
        run.finish()
        assert points_of(api) == [{"loss": 0.5}, {"loss": 1.0}]
        assert len(said) == 2 and "none is masked: leave it out" in said[0]

    def test_a_name_of_a_kind_of_text_is_that_text(self, begin, api, said):
        numpy = pytest.importorskip("numpy")
        run = begin()
        run.log(dict.fromkeys(numpy.array(["loss", "accuracy"]), 0.5), split="validation")
        run.log({Name.LOSS: 0.25})
        run.finish()
        assert points_of(api) == [{"val_loss": 0.5, "val_accuracy": 0.5}, {"loss": 0.25}]
        assert said == []

    def test_a_jax_loss_whose_buffer_the_next_step_takes(self, begin, api, said):
        jax = pytest.importorskip("jax")
        step = jax.jit(lambda state: {"loss": state["loss"] * 0.5}, donate_argnums=0)
        run = begin()
        state = {"loss": jax.numpy.float32(1)}
        for _ in range(3):
            run.log({"loss": state["loss"]})
            before, state = state, step(state)
            assert before["loss"].is_deleted()
        run.log({"loss": before["loss"], "lr": 0.1})
        run.finish()
        assert points_of(api) == [{"loss": 1.0}, {"loss": 0.5}, {"loss": 0.25}, {"lr": 0.1}]
        assert len(said) == 1 and "loss was deleted when a step took its buffer" in said[0]

    def test_a_jax_array_is_no_scalar_and_a_traced_one_raises_nothing(self, begin, api, said):
        jax = pytest.importorskip("jax")
        run = begin()
        run.log({"all": jax.numpy.ones(3), "one": jax.numpy.ones(1), "half": jax.numpy.bfloat16(0.5)})
        jax.jit(lambda x: (run.log({"traced": x}), x)[1])(1.0)
        run.finish()
        assert points_of(api) == [{"one": 1.0, "half": 0.5}]
        assert len(said) == 2 and "shape (3,)" in said[0]

    def test_an_mlx_loss_that_no_other_thread_could_evaluate(self, begin, api, said):
        mx = pytest.importorskip("mlx.core")
        run = begin()
        loss = mx.array(4.0)
        for _ in range(3):
            loss = loss * 0.5
            run.log({"loss": loss, "half": mx.array(0.5, dtype=mx.bfloat16)})
        run.finish()
        assert points_of(api) == [{"loss": loss, "half": 0.5} for loss in (2.0, 1.0, 0.5)]
        assert said == []


class TestParams:
    def logged(self, begin, api, values):
        run = begin()
        run.params(values)
        run.finish()
        return [event["logs"] for event in api.of_kind("params")]

    def test_omegaconf_with_a_value_that_is_not_set(self, begin, api, said):
        OmegaConf = pytest.importorskip("omegaconf").OmegaConf
        config = OmegaConf.create("lr: 1e-3\ncopy: '${lr}'\nseed: ???\nlost: '${none}'\nbetas: [0.9, '${lr}', '???']")
        found = self.logged(begin, api, config)
        assert found == [{"lr": 0.001, "copy": 0.001, "seed": "???", "lost": "???", "betas": [0.9, 0.001, "???"]}]
        assert said == []

    def test_ml_collections(self, begin, api, said):
        config_dict = pytest.importorskip("ml_collections").config_dict
        size = config_dict.FieldReference(8)
        config = config_dict.ConfigDict({"size": size, "twice": size * 2, "net": {"layers": (1, 2)}})
        same = {"size": 8, "twice": 16, "net": {"layers": [1, 2]}}
        assert self.logged(begin, api, config) == [same]
        assert integraviz._json(config_dict.FrozenConfigDict(config)) == same
        assert said == []

    def test_pydantic_keeps_its_secrets(self, begin, api, said):
        pydantic = pytest.importorskip("pydantic")
        Config = pydantic.create_model(
            "Config", lr=(float, 0.1), key=(pydantic.SecretStr, pydantic.SecretStr("hunter2"))
        )
        assert self.logged(begin, api, {"model": Config()}) == [
            {"model": {"lr": 0.1, "key": "SecretStr('**********')"}}
        ]
        assert said == []

    def test_attrs(self, begin, api):
        attrs = pytest.importorskip("attrs")
        assert self.logged(begin, api, attrs.make_class("Config", ["lr"])(0.1)) == [{"lr": 0.1}]

    def test_the_standard_library_s_and_what_is_none(self, begin, api, said):
        @dataclasses.dataclass
        class Config:
            net: argparse.Namespace
            sizes: range

        values = Config(argparse.Namespace(depth=2), range(3))
        assert self.logged(begin, api, values) == [{"net": {"depth": 2}, "sizes": [0, 1, 2]}]
        assert self.logged(begin, api, Config) == [{"net": {"depth": 2}, "sizes": [0, 1, 2]}]
        assert len(said) == 1 and "params are none: give a dict" in said[0]
