"""Live curves that become the published run, and a follower of its own that writes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows import artifacts, live, tracking, tracking_place
from flows.run_lock import exclusive
from flows.runs import Store
from tests.flows.tracking.published import ROOT, RUNS, by_trial, runs


def follow_until(root: Path, condition: Any) -> tuple[int, str]:
    """Run the follower as a process of its own until a condition holds; return its exit code and what it said."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flows.live"]
    follower = subprocess.Popen(command, cwd=root, env=env, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and follower.poll() is None and not condition():
        time.sleep(0.2)
    follower.send_signal(signal.SIGTERM)
    _, said = follower.communicate(timeout=60)
    return follower.returncode, said


def curves(root: Path, *lines: str, supervision: str = "metal") -> None:
    path = root / "data" / "scratch" / "animals" / supervision / "curves.csv"
    artifacts.write_text(path, "\n".join(["seed,epoch,train_loss,seconds", *lines]))


def test_live_curves_become_the_published_runs(root: Path) -> None:
    store = tracking.open_store(root)
    final = pd.read_csv(root / "data" / "evaluation" / "animals" / "curves.csv")
    rows = final[(final["supervision"] == "metal") & (final["seed"] == 0)].set_index("epoch")["train_loss"]
    store.log_live("animals", "metal", {0: {1: float(rows[1])}})
    store.log_live("animals", "metal", {0: {1: float(rows[1]), 2: float(rows[2])}})
    (started,) = runs(root)
    assert started.info.status == "RUNNING"
    assert store.logged(started.info.run_id) == {1: rows[1], 2: rows[2]}
    tracking.publish(root)
    assert by_trial(root)["metal", "0"].info.run_id == started.info.run_id
    assert store.logged(started.info.run_id) == {1: rows[1], 2: rows[2], 3: rows[3]}  # the last epoch is filled in
    history = store.client.get_metric_history(started.info.run_id, "train_loss")
    assert len(history) == 3  # no epoch twice


def test_a_resumed_training_goes_on_in_its_run_and_another_one_replaces_it(root: Path) -> None:
    store = tracking.open_store(root)
    store.log_live("animals", "metal", {0: {1: 0.9, 2: 0.8}})
    (first,) = runs(root)
    store.log_live("animals", "metal", {0: {3: 0.7}})  # resumed: the file begins with the next epoch
    assert [run.info.run_id for run in runs(root)] == [first.info.run_id]
    assert store.logged(first.info.run_id) == {1: 0.9, 2: 0.8, 3: 0.7}
    store.log_live("animals", "metal", {0: {1: 0.5}})  # begun anew with other parameters
    (second,) = runs(root)
    assert second.info.run_id != first.info.run_id
    tracking.publish(root)  # the results are of neither
    assert second.info.run_id not in {run.info.run_id for run in runs(root)}
    assert len(runs(root)) == RUNS


def test_training_the_same_again_leaves_no_second_run(root: Path) -> None:
    tracking.publish(root)
    store = tracking.open_store(root)
    store.log_live("animals", "metal", {0: {1: 0.333333}})
    assert len(runs(root)) == RUNS + 1
    (root / tracking.STAMP).unlink()
    tracking.publish(root)
    assert len(runs(root)) == RUNS


def test_two_trainings_of_the_same_at_once_keep_to_their_own_runs(root: Path, tmp_path: Path) -> None:
    """Triggered runs share MLflow's database; each works in a copy of its own, whose run lock it holds."""
    uri = tracking_place.tracking_uri(root)
    stores = [Store(uri, root, root / "mlartifacts", training=tmp_path / name) for name in ("one", "two")]
    with exclusive(tmp_path / "one"), exclusive(tmp_path / "two"):
        for epoch in (1, 2):
            for number, store in enumerate(stores):
                losses = {e: 0.9 - 0.1 * number - 0.2 * e for e in range(1, epoch + 1)}
                store.log_live("animals", "metal", {0: losses})
        started = {run.data.tags["metal.training"]: run.info.run_id for run in runs(root)}
        assert set(started) == {store.training for store in stores}
        for number, identifier in enumerate(started[store.training] for store in stores):
            history = stores[0].client.get_metric_history(identifier, "train_loss")
            assert [entry.value for entry in history] == [0.9 - 0.1 * number - 0.2 * e for e in (1, 2)]
        tracking.publish(root)  # other results: what trains elsewhere goes on
        assert set(started.values()) <= {run.info.run_id for run in runs(root)}
    # They were killed, so that nobody holds the locks: the next training of the same takes up the one that it goes on
    # from, and removes the other.
    stores[1].log_live("animals", "metal", {0: {1: 0.9 - 0.2, 2: 0.9 - 0.4, 3: 0.25}})
    unfinished = {run.info.run_id for run in runs(root) if "metal.key" not in run.data.tags}
    assert unfinished == {started[stores[0].training]}


def test_half_a_line_is_not_read(root: Path) -> None:
    curves(root, "0,1,0.900000,1.0", "1,1,0.800000,1.0", "0,2,0.7")
    path = root / "data" / "scratch" / "animals" / "metal" / "curves.csv"
    assert live.read_losses(path) == {0: {1: 0.9}, 1: {1: 0.8}}
    assert live.read_losses(path.with_name("gone.csv")) == {}


def test_the_follower_writes_what_trainings_leave(root: Path) -> None:
    curves(root, "0,1,0.900000,1.0", "")
    code, said = follow_until(root, lambda: len(runs(root)) == 1)
    assert (code, said) == (0, "")
    assert by_trial(root)["metal", "0"].data.metrics["train_loss"] == 0.9


def test_the_follower_ends_with_an_error_of_its_own_where_mlflow_cannot_write(root: Path) -> None:
    (root / tracking_place.DATABASE).write_bytes(b"this is no database" * 100)
    curves(root, "0,1,0.900000,1.0", "")
    code, said = follow_until(root, lambda: False)
    assert code == 1
    assert said.startswith("error: MLflow: ")
    assert "is not a database. Results are not affected. Remove the database" in said
    assert "Traceback" not in said


def test_live_runs_a_follower_only_while_the_body_runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    curves(root, "0,1,0.700000,1.0", "")  # cut off before, and maybe never taken up again
    time.sleep(0.05)  # a file's time is coarser than the clock
    with live.live(root):
        curves(root, "0,1,0.900000,1.0", "")
        deadline = time.monotonic() + 60
        while not runs(root) and time.monotonic() < deadline:
            time.sleep(0.2)
    (run,) = runs(root)
    assert run.data.metrics["train_loss"] == 0.9
    curves(root, "0,1,0.900000,1.0", "1,1,0.900000,1.0", "")
    monkeypatch.setenv("METAL_LIVE", "0")
    with live.live(root):
        time.sleep(0.1)
    assert len(runs(root)) == 1
