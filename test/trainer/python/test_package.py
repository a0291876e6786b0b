"""The wheel, and the types of what it holds."""

import ast
import os
import subprocess
import sys
import zipfile

import pytest

import integraviz
from conftest import CLIENT, HERE


def command(*words, **more):
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_folder_is_installed_as_a_typed_package_with_its_command(tmp_path):
    pytest.importorskip("hatchling")
    command("build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), CLIENT)
    (wheel,) = tmp_path.glob("*.whl")
    assert {"integraviz/__init__.py", "integraviz/py.typed"} <= set(zipfile.ZipFile(wheel).namelist())
    where = tmp_path / "installed"
    command("pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(where), str(wheel))
    environment = {**os.environ, "PYTHONPATH": str(where)}
    assert command("integraviz", "--version", env=environment, cwd=tmp_path) == f"integraviz {integraviz.__version__}\n"


@pytest.mark.parametrize("version", ["3.8", "3.14"])
def test_pyright_finds_nothing(version):
    pytest.importorskip("pyright")
    said = command("pyright", "--pythonversion", version, os.path.join(CLIENT, "integraviz.py"), cwd=CLIENT)
    assert "0 errors, 0 warnings" in said


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing(words):
    pytest.importorskip("ruff")
    command("ruff", *words, "--no-cache", "--config", os.path.join(CLIENT, "pyproject.toml"), CLIENT, HERE)


def test_no_function_is_longer_than_100_lines():
    with open(os.path.join(CLIENT, "integraviz.py"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [each.name for each in functions if each.end_lineno - each.lineno >= 100] == []
