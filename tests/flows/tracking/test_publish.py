"""Publishing to MLflow: every result once, whatever is there before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows import artifacts, tracking, tracking_place
from flows.artifacts import RESULTS
from tests.flows.invented_results import END_MISTAKES
from tests.flows.tracking.published import ROOT, RUNS, by_trial, retrain, runs


def test_publishing_twice_adds_nothing(root: Path) -> None:
    first = tracking.publish(root)
    assert tracking.publish(root) == first
    assert len(runs(root)) == RUNS
    (root / tracking.STAMP).unlink()  # even if it does not know that it has published
    assert tracking.publish(root) == first
    assert len(runs(root)) == RUNS


def test_nothing_new_means_mlflow_is_not_even_imported(root: Path) -> None:
    tracking.publish(root)
    code = "import sys; from flows import tracking; tracking.main(); print('mlflow' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_a_changed_result_is_a_new_run_and_the_others_stay(root: Path) -> None:
    tracking.publish(root)
    before = by_trial(root)
    retrain(root, "metal", [2, 0, 3])  # seed 1 now makes no mistake
    tracking.publish(root)
    after = runs(root)
    assert len(after) == RUNS + 2  # the trial and the aggregate above it
    current = {r.info.run_id: r for r in after if r.data.tags["metal.current"] == "yes"}
    assert len(current) == RUNS
    old = before["metal", "1"].info.run_id
    assert old not in current
    assert before["metal", "0"].info.run_id in current  # unchanged, now below the new aggregate
    parents = {
        run.data.tags["mlflow.parentRunId"]
        for run in current.values()
        if run.data.tags["metal.supervision"] == "metal" and run.data.tags["metal.seed"] != "all"
    }
    assert len(parents) == 1
    assert parents <= set(current)

    retrain(root, "metal", list(END_MISTAKES["metal"]))  # back again, as from DVC's cache
    tracking.publish(root)
    assert len(runs(root)) == RUNS + 2
    assert {r.info.run_id for r in runs(root) if r.data.tags["metal.current"] == "yes"} == {
        run.info.run_id for run in before.values()
    }


def test_a_changed_report_of_the_same_results_is_logged_again(root: Path) -> None:
    def logged(root: Path) -> str:
        client, run = tracking.open_store(root).client, by_trial(root)["metal", "all"]
        folder = root / "downloaded"
        folder.mkdir(exist_ok=True)
        return Path(client.download_artifacts(run.info.run_id, "report.html", str(folder))).read_text(encoding="utf-8")

    tracking.publish(root)
    before = logged(root)
    report = root / RESULTS / "report.html"
    artifacts.write_text(report, report.read_text(encoding="utf-8") + "<!-- another template -->")
    with (root / "dvc.lock").open("a", encoding="utf-8") as lock:  # as DVC does: it holds the report's hash
        lock.write("  summarize:\n    cmd: python -m flows.steps.summarize\n")
    tracking.publish(root)
    assert logged(root) == before + "<!-- another template -->"
    assert len(runs(root)) == RUNS


def test_a_lost_database_is_filled_anew(root: Path, empty_database: Path) -> None:
    tracking.publish(root)
    for path in root.glob("mlflow.db*"):
        if path.name != tracking.STAMP:
            path.unlink()
    assert tracking.read_stamp(root, tracking_place.tracking_uri(root)) is None
    shutil.copyfile(empty_database, root / tracking_place.DATABASE)
    (root / tracking.STAMP).write_text("{broken", encoding="utf-8")  # a damaged stamp is no stamp
    tracking.publish(root)
    assert len(runs(root)) == RUNS


def test_two_at_once_publish_once(root: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    (root / tracking_place.DATABASE).unlink()  # they race on a database that is not there yet, too
    both = [subprocess.Popen([sys.executable, "-m", "flows.tracking"], cwd=root, env=env) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert len(runs(root)) == RUNS


def test_another_place_can_be_named(root: Path, monkeypatch: pytest.MonkeyPatch, empty_database: Path) -> None:
    other = root / "elsewhere.db"
    shutil.copyfile(empty_database, other)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{other}")
    tracking.publish(root)
    assert len(runs(root)) == RUNS
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert len(runs(root)) == 0
    tracking.publish(root)  # published elsewhere is not published here
    assert len(runs(root)) == RUNS


def test_no_results_or_no_lock_is_an_error_with_a_remedy(tmp_path: Path, root: Path) -> None:
    (root / "dvc.lock").unlink()
    with pytest.raises(artifacts.ArtifactError, match=r"dvc\.lock"):
        tracking.publish(root)
    (root / RESULTS / "results.csv").unlink()
    with pytest.raises(artifacts.ArtifactError, match="dvc repro"):
        tracking.publish(root)
