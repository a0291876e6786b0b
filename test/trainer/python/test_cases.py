"""The table of cases that every client meets, on this interpreter and on all others that are here."""

import glob
import os
import shutil
import subprocess

import pytest

import case_runner

VERSIONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("case", case_runner.CASES, ids=lambda case: case["name"])
def test_case(case):
    case_runner.run_case(case)


def interpreter(version):
    """On PATH, or where pyenv keeps them."""
    found = sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python")))
    for path in [shutil.which(f"python{version}"), *found]:
        if path and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return path
    return None


@pytest.mark.parametrize("version", VERSIONS)
def test_all_cases_on_python(version):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    done = subprocess.run([python, "-B", case_runner.__file__], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"cases pass on Python {version}." in done.stdout
