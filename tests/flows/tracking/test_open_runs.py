"""Runs that do not stay RUNNING: trainings that are through, that are cut off, and processes killed at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from flows import artifacts, live, tracking, tracking_place
from flows.open_runs import OpenRuns
from flows.serving.registry import KEY
from tests.flows.tracking.published import ROOT, RUNS, by_trial

LINE = "seed,epoch,train_loss,seconds\n0,1,0.900000,1.0\n"
FOLLOWED = """
import time
from pathlib import Path
from flows.live import live
with live(Path()):
    print("followed", flush=True)
    time.sleep(120)
"""


def statuses(root: Path) -> dict[str, str]:
    """Return the status of each trial's run, as MLflow alone knows it: a store would end what is left open."""
    client = MlflowClient(tracking_place.tracking_uri(root))
    experiment = client.get_experiment_by_name("animals")
    found = client.search_runs([experiment.experiment_id]) if experiment else []
    return {run.data.tags["metal.supervision"]: run.info.status for run in found}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def curves(root: Path, supervision: str) -> Path:
    path = root / "data" / "scratch" / "animals" / supervision / "curves.csv"
    artifacts.write_text(path, LINE)
    return path


def followed(root: Path) -> subprocess.Popen[str]:
    """Start a run, in a group of its own, that follows trainings."""
    run = subprocess.Popen(
        [sys.executable, "-c", FOLLOWED],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "followed\n"
    return run


def test_of_a_killed_run_trainings_that_are_through_are_finished_and_others_killed(root: Path) -> None:
    with followed(root) as run:
        through = curves(root, "gold_dev")
        curves(root, "metal")
        wait_for(lambda: statuses(root) == {"gold_dev": "RUNNING", "metal": "RUNNING"})
        through.unlink()
        wait_for(lambda: statuses(root) == {"gold_dev": "FINISHED", "metal": "RUNNING"})
        run.kill()  # the process beside it is left, and sees that it is alone
        wait_for(lambda: statuses(root) == {"gold_dev": "FINISHED", "metal": "KILLED"})


@pytest.mark.slow
def test_where_the_follower_is_killed_too_the_next_run_ends_what_it_left(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with followed(root) as run:
        curves(root, "metal")
        wait_for(lambda: statuses(root) == {"metal": "RUNNING"})
        os.killpg(run.pid, signal.SIGKILL)
    time.sleep(1)
    assert statuses(root) == {"metal": "RUNNING"}
    with live.live(root):  # which trains nothing
        wait_for(lambda: statuses(root) == {"metal": "KILLED"})


def test_a_store_ends_what_a_killed_process_left_and_the_training_goes_on_in_its_run(root: Path) -> None:
    store = tracking.open_store(root)
    (begun,) = store.log_live("animals", "metal", {0: {1: 0.9}})
    assert not tracking.left_open(root)
    tracking.open_store(root)
    assert statuses(root) == {"metal": "RUNNING"}  # its process lives
    del store  # which gives up the lock on what it has written down, as death does

    assert tracking.left_open(root)
    again = tracking.open_store(root)
    assert statuses(root) == {"metal": "KILLED"}
    assert not tracking.left_open(root)
    assert again.log_live("animals", "metal", {0: {1: 0.9, 2: 0.8}}) == {begun}
    assert statuses(root) == {"metal": "RUNNING"}
    again.end([begun], "FINISHED")
    assert statuses(root) == {"metal": "FINISHED"}


def test_an_interrupted_publishing_leaves_nothing_running(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []

    def interrupted(store: object, run: str, record: object, *_: object) -> None:
        written.append(record)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("flows.runs.Store.write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tracking.publish(root)
    assert len(written) == 1
    assert set(statuses(root).values()) == {"KILLED"}

    tracking.publish(root)
    assert {run.info.status for run in by_trial(root).values()} == {"FINISHED"}
    assert len(by_trial(root)) == RUNS


def test_a_published_run_is_finished_whatever_interrupts_its_being_opened_again(root: Path) -> None:
    tracking.publish(root)
    store = tracking.open_store(root)
    run = by_trial(root)["metal", "0"].info.run_id

    def interrupted() -> None:
        with store.alone(), store.reopened(run):
            store.client.update_run(run, "RUNNING")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert KEY in by_trial(root)["metal", "0"].data.tags
    assert by_trial(root)["metal", "0"].info.status == "FINISHED"


def test_what_is_written_down_is_of_one_place_and_goes_with_the_last_run(tmp_path: Path) -> None:
    here, there = OpenRuns(tmp_path, "http://here"), OpenRuns(tmp_path, "http://there")
    here.add("one")
    here.add("two")
    here.discard("one")
    del here

    assert not there.any_left()
    assert list(OpenRuns(tmp_path, "http://here").left()) == ["two"]
    assert not any(tmp_path.iterdir())
