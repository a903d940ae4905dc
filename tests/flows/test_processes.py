"""torchrun: several processes share a training, are told apart from one, and go on after a kill."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from safetensors.numpy import load_file

from flows.artifacts import Paths, read_json
from flows.compose import params_text
from flows.processes import TOLD, process_count, process_group
from tests.flows.invented_pets import invent
from tests.local_imports import ROOT


@pytest.fixture(autouse=True)
def started_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOLD:
        monkeypatch.delenv(name, raising=False)


def test_a_process_on_its_own_is_one() -> None:
    assert process_count() == 1
    with process_group("cpu", batch_size=1):
        pass


def test_what_torchrun_did_not_start_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    message = r"WORLD_SIZE=2 without RANK, LOCAL_RANK, .*torchrun --nproc-per-node N -m .*; .* unset WORLD_SIZE"
    with pytest.raises(ValueError, match=message):
        process_count()
    for name in TOLD:
        monkeypatch.setenv(name, "many")
    with pytest.raises(ValueError, match=r"WORLD_SIZE='many' must be a number"):
        process_count()


def test_a_batch_that_is_too_small_to_share_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOLD:
        monkeypatch.setenv(name, "3")
    with (
        pytest.raises(ValueError, match=r"end_model\.batch_size=2 cannot be shared by 3 processes"),
        process_group("cpu", batch_size=2),
    ):
        pass


def test_a_step_that_cannot_be_shared_says_so(tmp_path: Path) -> None:
    told = dict.fromkeys(TOLD, "2")
    command = [sys.executable, "-m", "flows.steps.gate", "--application", "report"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "this step runs in one process, and 2 were started together" in done.stderr


OVERRIDES = (
    *("trials=3", "end_model.hidden=6", "end_model.layers=[6]", "end_model.batch_size=16", "end_model.steps=480"),
    *("end_model.learning_rate=0.02", "end_model.dropout=0", "end_model.input_dropout=0"),
)


def workplace(folder: Path) -> Path:
    """Write params.yaml and what the training of report-metal reads, of an invented corpus."""
    paths = Paths(folder, "report")
    made = folder / "made"
    invent(made)
    paths.embeddings.parent.mkdir(parents=True)
    (made / "embeddings").rename(paths.embeddings)
    paths.labels("metal").parent.mkdir(parents=True)
    (made / "labels").rename(paths.labels("metal"))
    (folder / "params.yaml").write_text(params_text(OVERRIDES))
    return folder


def start(folder: Path, *launcher: str) -> subprocess.Popen[str]:
    command = [*launcher, "-m", "flows.steps.train", "--application", "report", "--supervision", "metal"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@pytest.mark.slow  # 30 s: ten processes that import torch
def test_torchrun_trains_as_one_process_does_also_after_a_kill(tmp_path: Path) -> None:
    names = ("killed", "whole", "one")
    killed, whole, one = (workplace(tmp_path / name) for name in names)
    process = start(killed, *TORCHRUN)
    live = Paths(killed, "report").scratch("metal") / "curves.csv"
    deadline = time.monotonic() + 300
    while not live.exists() or not any(line.startswith("1,9,") for line in live.read_text().splitlines()):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()
    assert len(workers) == 2
    assert not psutil.wait_procs(workers, timeout=30)[1], "a killed torchrun leaves nobody at work"
    (finished,) = live.parent.glob("*/trial_0/network.safetensors")
    trained_at = finished.stat().st_mtime_ns
    (checkpoint,) = live.parent.glob("*/checkpoint_1.safetensors")
    shutil.copyfile(finished, tmp_path / "finished")
    assert checkpoint.stat().st_mtime_ns > trained_at
    for folder, launcher in ((killed, TORCHRUN), (whole, TORCHRUN), (one, (sys.executable,))):
        process = start(folder, *launcher)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said

    models = [Paths(folder, "report").model("metal") for folder in (killed, whole, one)]
    assert [read_json(model / "summary.json")["processes"] for model in models] == [2, 2, 1]
    assert (models[0] / "trial_0.safetensors").read_bytes() == (tmp_path / "finished").read_bytes()
    for seed in range(3):
        resumed, uninterrupted = (load_file(model / f"trial_{seed}.safetensors") for model in models[:2])
        assert all(resumed[name].tobytes() == uninterrupted[name].tobytes() for name in resumed)
    curves = [pd.read_csv(model / "curves.csv") for model in models]
    assert curves[0]["train_loss"].tolist() == curves[1]["train_loss"].tolist()
    # In single precision and with AdamW, rounding is all that tells two processes from one: in the first epochs little.
    first = [curve.query("epoch <= 3")["train_loss"].to_numpy() for curve in curves]
    assert first[0] == pytest.approx(first[2], abs=1e-3)
