"""What is logged beside the metrics: provenance, the machine, the console, pictures, histograms, checkpoints."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import zlib

import pytest

import integraviz
from case_runner import QUICK
from stand_in_api import TOKEN, until


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def git(*words):
        named = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        return subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True, text=True).stdout

    git("init", "-b", "trunk")
    (folder / "train.py").write_text("1\n")
    (folder / "requirements.txt").write_text("pytest>=8  # tests\nnot-installed-here\n-r other.txt\n")
    git("add", ".")
    git("commit", "-m", "first")
    return folder, git


def test_a_clean_commit_and_the_packages_the_project_names(repository):
    folder, git = repository
    found = integraviz.collect_provenance()
    assert found["git_commit"] == git("rev-parse", "HEAD").strip()
    assert (found["git_branch"], found["git_dirty"]) == ("trunk", False)
    assert "git_diff_sha256" not in found
    assert found["packages"]["pytest"] == pytest.__version__
    assert "not-installed-here" not in found["packages"] and "json" not in found["packages"]
    assert found["runtime"] == "python " + ".".join(map(str, sys.version_info[:3]))
    assert found["host"] and found["user"] and found["command"]


def test_a_change_is_told_by_its_hash(repository):
    folder, git = repository
    (folder / "train.py").write_text("2\n")
    found = integraviz.collect_provenance()
    diff = git("diff", "HEAD", "--binary").encode()
    assert (found["git_dirty"], found["git_diff_sha256"]) == (True, hashlib.sha256(diff).hexdigest())


def test_what_cannot_be_found_out_is_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    found = integraviz.collect_provenance()
    assert not [key for key in found if key.startswith("git")] and "runtime" in found


@pytest.mark.parametrize(
    "words, said",
    [
        (["train.py", "--token", "abc", "--lr", "0.1"], "train.py --token *** --lr 0.1"),
        (["--api-key=abc", "PASSWORD=x", "a b"], "--api-key=*** PASSWORD=*** 'a b'"),
        (["https://me:pw@host/x?access_token=abc&b=c"], "https://***@host/x?access_token=***&b=c"),
        (["eyJhbGciOi.eyJzdWIi.c2ln"], "***"),
        (["-H", "Authorization: Bearer abc"], "-H 'Authorization: Bearer ***'"),
        (["--passphrase", "--lr", "1"], "--passphrase --lr 1"),
    ],
)
def test_secrets_of_the_command_line_are_masked(words, said):
    assert integraviz._mask_secrets(words) == said


def test_a_run_says_where_it_comes_from(begin, api):
    begin(provenance=True).finish()
    (tag,) = [event["logs"]["provenance"] for event in api.of_kind("tags")]
    assert tag["runtime"].startswith("python ")


def test_the_machine_is_sampled(begin, api):
    run = begin(settings=integraviz.Settings(**{**QUICK.__dict__, "system": 0.05}))
    until(lambda: len(api.of_kind("system")) > 2, "it is sampled")
    run.finish()
    sample = api.of_kind("system")[-1]["logs"]
    if sys.platform == "linux":
        assert {"cpu_percent", "memory_percent", "process_memory_mb", "disk_percent", "process_cpu_percent"} <= set(
            sample
        )
        assert {"network_sent_mb_per_s", "network_received_mb_per_s"} <= set(sample)
    assert all(isinstance(value, (int, float)) and value >= 0 for value in sample.values())
    assert sample["memory_percent"] <= 100 and sample["cpu_percent"] <= 100


def test_graphics_cards_are_sampled_where_nvidia_smi_is(tmp_path, monkeypatch, begin):
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho '91, 4096, 16384, 250.5, 71'\necho '0, 0, 16384, [N/A], 35'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    sample = integraviz._SystemSampler(begin(), 10)._sample(0.0)
    assert {name: value for name, value in sample.items() if name.startswith("gpu")} == {
        "gpu0_percent": 91, "gpu0_memory_percent": 25, "gpu0_watts": 250.5, "gpu0_celsius": 71,
        "gpu1_percent": 0, "gpu1_memory_percent": 0, "gpu1_celsius": 35,
    }  # fmt: skip


def test_the_console_is_logged_and_printed_as_before(script, api):
    process = script(
        f"""
run = begin(console=True)
print('one', flush=True)
print('10%\\r50%\\r100%')
print('oops', file=sys.stderr)
print('the token is {TOKEN}')
sys.stdout.write('no end')
run.finish()
print('after')
"""
    )
    assert process.output.splitlines() == ["one", "10%", "50%", "100%", f"the token is {TOKEN}", "no endafter"]
    said = {"stdout": [], "stderr": []}
    for event in api.of_kind("console"):
        said[event["logs"]["stream"]] += event["logs"]["text"].split("\n")
    assert said == {"stdout": ["one", "100%", "the token is ***", "no end"], "stderr": ["oops"]}


def png_size(data):
    import struct

    return struct.unpack(">II", data[16:24])


@pytest.mark.parametrize(
    "shape, dtype", [((4, 6), "uint8"), ((4, 6, 3), "float32"), ((4, 6, 4), "uint8"), ((4, 6, 1), "bool")]
)
def test_an_array_is_logged_as_png(begin, api, shape, dtype):
    numpy = pytest.importorskip("numpy")
    pixels = numpy.ones(shape, dtype)
    run = begin()
    run.image("digits", pixels, step=3, caption="a")
    run.finish()
    (event,) = api.of_kind("image")
    data = base64.b64decode(event["logs"].pop("data"))
    assert event["step"] == 3
    assert event["logs"] == {
        "name": "digits", "caption": "a", "mime": "image/png", "width": 6, "height": 4,
        "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    assert png_size(data) == (6, 4)
    raw = zlib.decompress(data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8])
    assert len(raw) == 4 * (1 + 6 * (shape[2] if len(shape) > 2 else 1))


def test_a_file_and_a_reference_are_logged(begin, api, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 not really")
    run = begin()
    run.image("file", path)
    run.image("large", reference="s3://bucket/large.png")
    run.finish()
    file, large = api.of_kind("image")
    assert file["logs"]["mime"] == "image/jpeg"
    assert large["logs"] == {"name": "large", "reference": "s3://bucket/large.png"}


def test_a_picture_that_is_too_large_is_refused_with_the_fix(begin, api, said):
    run = begin()
    run.image("noise", b"\x89PNG\r\n\x1a\n" + os.urandom(300_000))
    run.finish()
    assert api.of_kind("image") == []
    assert (
        len(said) == 1 and "at most 262,144 are stored: make it smaller, or give where it is as reference=" in said[0]
    )


def test_a_histogram_is_logged(begin, api):
    run = begin()
    run.histogram("weights", [0.0, 0.1, 0.9, 1.0, float("nan")], epoch=2, bins=2)
    run.histogram("none", [float("nan")])
    run.finish()
    weights, none = api.of_kind("histogram")
    assert weights["epoch"] == 2
    assert weights["logs"] == {
        "name": "weights", "count": 5, "not_finite": 1, "min": 0.0, "max": 1.0, "mean": 0.5,
        "counts": [2, 2], "edges": [0.0, 0.5, 1.0],
    }  # fmt: skip
    assert none["logs"] == {"name": "none", "count": 1, "not_finite": 1}


def test_checkpoints_are_logged_as_references(begin, api, said, tmp_path):
    file = tmp_path / "model.bin"
    file.write_bytes(b"weights")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "a").write_bytes(b"12345")
    run = begin()
    run.checkpoint(file, epoch=1, val_loss=0.5)
    run.checkpoint(tmp_path / "saved")
    run.checkpoint("s3://key:secret@bucket/model.bin")
    run.checkpoint(tmp_path / "absent")
    run.finish()
    logs = sorted((event["logs"] for event in api.of_kind("checkpoint")), key=json.dumps)
    assert logs == sorted(
        [
            {"val_loss": 0.5, "path": str(file), "bytes": 7, "sha256": hashlib.sha256(b"weights").hexdigest()},
            {"path": str(tmp_path / "saved"), "bytes": 5, "files": 1},
            {"url": "s3://***@bucket/model.bin"},
        ],
        key=json.dumps,
    )
    assert len(said) == 1 and "absent is neither a file nor a folder" in said[0]


def test_which_value_is_best_can_be_said(begin, api, said):
    run = begin()
    run.define("fid", best="min")
    run.define("fid", best="lowest")
    run.finish()
    assert api.of_kind("define")[0]["logs"] == {"metric": "fid", "best": "min"}
    assert len(said) == 1
