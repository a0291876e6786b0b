"""What docs/send-python.md and the README say to type works."""

import importlib.util
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[3]
PAGES = ["docs/send-python.md", "trainer/python/README.md", "README.md"]


def blocks():
    examples = []
    for page in PAGES:
        found = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
        for index, text in enumerate(found):
            examples.append(pytest.param(text, id=f"{page} {index + 1}"))
    return examples


@pytest.mark.parametrize("text", blocks())
def test_an_example_runs_and_its_run_arrives(script, api, text):
    for module in set(re.findall(r"\b(keras|jax|numpy)\b", text)):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    process = script(text, KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
    assert process.returncode == 0, process.errors
    assert [event["logs"]["status"] for event in api.of_kind("on_train_end")] == ["finished"]
    assert any("loss" in event["logs"] for event in api.of_kind("on_train_batch_end", "on_epoch_end"))
