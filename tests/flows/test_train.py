"""The train step: outputs, resuming after a kill, determinism, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file

from flows.artifacts import ArtifactError, read_json, read_table, read_tasks, vector_column
from flows.checkpoints import read_checkpoint, write_checkpoint
from flows.steps.train import train
from flows.trials import Trial, chosen_device, read_tokens, run_trial
from flows.workers import WorkerError
from metal.end_model.network import BiLSTM, MultiTaskNetwork
from metal.end_model.parameters import NetworkShape
from metal.end_model.training import Checkpoint, Epoch, predict_proba
from metal.tasks import TaskGraph
from tests.flows.invented_pets import PARAMS, PET, invent

COLUMNS = [vector_column(vector) for vector in PET.feasible]


def run(folder: Path, out: str = "out", *, split: str = "train", trials: int = 2, **others: Any) -> Path:
    settings: dict[str, Any] = {"params": PARAMS, "workers": 2} | others
    labels = folder / "labels" / f"{split}.parquet"
    train(folder / "embeddings", labels, split, folder / out, folder / "scratch", trials=trials, **settings)
    return folder / out


def test_it_writes_networks_predictions_curves_and_summary(tmp_path: Path) -> None:
    truth = invent(tmp_path)
    heard: list[tuple[int, int, float]] = []
    out = run(tmp_path, on_epoch=lambda *told: heard.append(told))
    predictions = read_table(out / "predictions.parquet")
    assert list(predictions.columns) == ["seed", "split", "id", *COLUMNS]
    assert predictions.groupby(["seed", "split"]).size().to_dict() == {
        **{(0, "dev"): 30, (0, "test"): 20, (1, "dev"): 30, (1, "test"): 20},
    }
    assert predictions[COLUMNS].sum(axis=1).to_numpy() == pytest.approx(np.ones(100))
    for _, rows in predictions[predictions["split"] == "test"].groupby("seed"):
        assert list(rows["id"]) == [f"test-{number}" for number in range(20)]
        # The telling word is in every text: chance is 1/3.
        assert np.mean(rows[COLUMNS].to_numpy().argmax(axis=1) == truth["test"]) > 0.9
    curves = pd.read_csv(out / "curves.csv")
    assert list(curves.columns) == ["seed", "epoch", "train_loss", "seconds"]
    # 60 voted examples are 4 batches of 16; 60 steps are 15 epochs
    assert curves["epoch"].tolist() == [*range(1, 16)] * 2
    assert sorted((seed, epoch) for seed, epoch, _ in heard) == [(s, e) for s in (0, 1) for e in range(1, 16)]
    summary = read_json(out / "summary.json")
    assert summary == {
        "n_train": 60,
        "n_left_out": 4,
        "trained_on": "train",
        "epochs": 15,
        "trials": 2,
        "device": "cpu",
        "processes": 1,
        "in_sample": [],
        "hyperparameters": asdict(PARAMS),
    }
    assert not (tmp_path / "scratch").exists()


def test_a_written_network_predicts_what_the_step_wrote(tmp_path: Path) -> None:
    invent(tmp_path)
    out = run(tmp_path, trials=1)
    with safe_open(out / "trial_0.safetensors", framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no mapping
        header = json.loads(file.metadata()["metal"])
    tasks = TaskGraph.from_dict(header["task_graph"])
    shape = NetworkShape(**header["shape"])
    network = MultiTaskNetwork(BiLSTM(tensors["encoder.embedding.weight"].numpy(), shape), tasks, shape)
    network.load_state_dict(tensors)
    network.eval()
    assert tasks == read_tasks(out / "predictions.parquet") == PET
    predictions = read_table(out / "predictions.parquet").query("split == 'test'")[COLUMNS].to_numpy()
    assert predict_proba(network, read_tokens(tmp_path / "embeddings", "test")[1]) == pytest.approx(predictions)


def test_gold_dev_marks_its_predictions_on_dev_as_in_sample(tmp_path: Path) -> None:
    invent(tmp_path)
    summary = read_json(run(tmp_path, split="dev", trials=1) / "summary.json")
    assert (summary["n_train"], summary["trained_on"], summary["in_sample"]) == (30, "dev", ["dev"])


def test_results_do_not_depend_on_the_number_of_workers_or_trials(tmp_path: Path) -> None:
    invent(tmp_path)
    one, two = run(tmp_path, "one", trials=1, workers=1), run(tmp_path, "two", trials=2, workers=2)
    first, second = (load_file(out / "trial_0.safetensors") for out in (one, two))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    other = load_file(two / "trial_1.safetensors")
    assert not np.array_equal(first["heads.0.weight"], other["heads.0.weight"])


class Stop(Exception):
    """Raised in place of a kill, where the test is the process."""


def test_an_interrupted_trial_goes_on_from_its_last_epoch_to_the_same_network(tmp_path: Path) -> None:
    invent(tmp_path)
    trials = [
        Trial(0, "train", tmp_path / "labels" / "train.parquet", tmp_path / "embeddings", tmp_path / name, PARAMS)
        for name in ("interrupted", "whole")
    ]
    told: list[int] = []

    def stop_at_six(epoch: tuple[int, float, float]) -> None:
        told.append(epoch[0])
        if len(told) == 6:
            raise Stop

    with pytest.raises(Stop):
        run_trial(trials[0], stop_at_six)
    assert len(read_checkpoint(trials[0].checkpoint).history) == 6
    again: list[int] = []
    run_trial(trials[0], lambda epoch: again.append(epoch[0]))
    assert again == [*range(1, 16)]  # the six from before are told again, then the others
    run_trial(trials[1], lambda epoch: None)
    one, two = (load_file(trial.finished / "network.safetensors") for trial in trials)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert not trials[0].checkpoint.exists()
    before = (trials[0].finished / "network.safetensors").stat().st_mtime_ns
    run_trial(trials[0], lambda epoch: None)  # finished: nothing is trained again
    assert (trials[0].finished / "network.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize(("steps", "kept"), [(60, 8), (84, 8), (240, 6)])
def test_a_trial_is_kept_at_most_twenty_times(tmp_path: Path, steps: int, kept: int) -> None:
    """At 4 steps an epoch: 15 epochs, each kept; 21, every second kept; 60, every third."""
    invent(tmp_path)
    labels = tmp_path / "labels" / "train.parquet"
    params = replace(PARAMS, steps=steps)
    trial = Trial(0, "train", labels, tmp_path / "embeddings", tmp_path / "trial", params)

    def stop_at_eight(epoch: tuple[int, float, float]) -> None:
        if epoch[0] == 8:
            raise Stop

    with pytest.raises(Stop):
        run_trial(trial, stop_at_eight)
    assert len(read_checkpoint(trial.checkpoint).history) == kept


SCRIPT = """
import json, sys
from pathlib import Path
from flows.config import EndModelParams
from flows.steps.train import train

if __name__ == "__main__":
    folder, out, params = Path(sys.argv[1]), sys.argv[2], EndModelParams(**json.loads(sys.argv[3]))
    train(
        folder / "embeddings", folder / "labels" / "train.parquet", "train", folder / out, folder / "scratch", params,
        trials=3, workers=1,
    )
"""


def test_after_kill_9_the_rerun_repeats_nothing_and_ends_the_same(tmp_path: Path) -> None:
    invent(tmp_path)
    params = replace(PARAMS, steps=240)  # 60 epochs: long enough to be met in the middle
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[2]
    command = [sys.executable, str(script), str(tmp_path), "killed", json.dumps(asdict(params))]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(root)}, stderr=subprocess.DEVNULL)
    live = tmp_path / "scratch" / "curves.csv"
    deadline = time.monotonic() + 120
    while not live.exists() or not any(line.startswith("1,3,") for line in live.read_text().splitlines()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not (tmp_path / "killed").exists()
    (finished,) = (tmp_path / "scratch").glob("*/trial_0/network.safetensors")
    trained_at = finished.stat().st_mtime_ns
    copies: list[int] = []

    def watch(seed: int, epoch: int, loss: float) -> None:
        if finished.exists():
            copies.append(finished.stat().st_mtime_ns)

    killed = run(tmp_path, "killed", trials=3, params=params, on_epoch=watch)
    assert set(copies) == {trained_at}
    whole = run(tmp_path, "whole", trials=3, params=params)
    for seed in range(3):
        one, two = (load_file(out / f"trial_{seed}.safetensors") for out in (killed, whole))
        assert all(np.array_equal(one[name], two[name]) for name in one)
    pd.testing.assert_frame_equal(
        pd.read_csv(killed / "curves.csv").drop(columns="seconds"),
        pd.read_csv(whole / "curves.csv").drop(columns="seconds"),
    )


def test_what_was_made_with_other_parameters_is_not_taken_up(tmp_path: Path) -> None:
    invent(tmp_path)
    labels = tmp_path / "labels" / "train.parquet"
    epochs: list[int] = []

    def stop(seed: int, epoch: int, loss: float) -> None:
        epochs.append(epoch)
        raise Stop

    with pytest.raises(Stop):
        run(tmp_path, trials=1, on_epoch=stop)
    assert len(list((tmp_path / "scratch").glob("*/"))) == 1
    with pytest.raises(Stop):
        run(tmp_path, trials=1, params=replace(PARAMS, dropout=0.2), on_epoch=stop)
    assert len(list((tmp_path / "scratch").glob("*/"))) == 2
    assert epochs == [1, 1]
    assert labels.exists()


def test_a_checkpoint_survives_the_file(tmp_path: Path) -> None:
    checkpoint = Checkpoint((Epoch(1, 0.75, 2.5),), {"network.a": torch.eye(2), "optimizer.a.step": torch.tensor(3.0)})
    write_checkpoint(tmp_path / "c.safetensors", checkpoint)
    found = read_checkpoint(tmp_path / "c.safetensors")
    assert found.history == checkpoint.history
    assert all(torch.equal(found.tensors[name], checkpoint.tensors[name]) for name in checkpoint.tensors)
    (tmp_path / "c.safetensors").write_bytes((tmp_path / "c.safetensors").read_bytes()[:-1])
    with pytest.raises(ArtifactError, match=r"c\.safetensors cannot be read"):
        read_checkpoint(tmp_path / "c.safetensors")


def test_labels_of_other_examples_are_refused(tmp_path: Path) -> None:
    invent(tmp_path)
    (tmp_path / "labels" / "dev.parquet").replace(tmp_path / "labels" / "train.parquet")
    with pytest.raises(ArtifactError, match=r"not of the same examples: 30 and 64, without tokens \['dev-"):
        run(tmp_path)


def test_hyperparameters_that_make_no_sense_are_refused_at_once(tmp_path: Path) -> None:
    invent(tmp_path)
    with pytest.raises(ValueError, match=r"dropout must be in \[0, 1\), not 1.5"):
        run(tmp_path, params=replace(PARAMS, dropout=1.5))
    with pytest.raises(ValueError, match=r"warmup is a fraction of the steps"):
        run(tmp_path, params=replace(PARAMS, warmup=2.0))
    assert not (tmp_path / "scratch").exists() or not list((tmp_path / "scratch").glob("*/trial_*"))


def test_an_error_in_a_worker_is_told_and_leaves_the_former_output(tmp_path: Path) -> None:
    invent(tmp_path)
    out = run(tmp_path, trials=1)
    before = (out / "summary.json").read_bytes()
    with pytest.raises(WorkerError, match=r"end_model\.learning_rate"):
        run(tmp_path, trials=1, params=replace(PARAMS, learning_rate=1e38, clip=1e38))
    assert (out / "summary.json").read_bytes() == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_is_refused_and_auto_falls_back() -> None:
    assert chosen_device("auto") == "cpu"
    with pytest.raises(ValueError, match=r"end_model\.device=cuda, but torch sees no CUDA device"):
        chosen_device("cuda")
