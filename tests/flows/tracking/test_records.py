"""What is published: aggregates above their trials, scores, curves, parameters, data sets, origin."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from flows import tracking
from flows.provenance import data_sets, origin, provenance
from flows.steps.summarize import summarize
from tests.flows.invented_results import END_MISTAKES, write_evaluated
from tests.flows.tracking.published import LOCK, by_trial


def test_one_run_a_trial_below_one_aggregate_a_supervision(root: Path) -> None:
    tracking.publish(root)
    found = by_trial(root)
    assert set(found) == {(name, seed) for name in END_MISTAKES for seed in ("all", "0", "1", "2")}
    for (supervision, seed), run in found.items():
        expected = None if seed == "all" else found[supervision, "all"].info.run_id
        assert run.data.tags.get("mlflow.parentRunId") == expected
        assert run.info.status == "FINISHED"


def test_trials_hold_scores_curves_parameters_and_origin(root: Path) -> None:
    tracking.publish(root)
    trial = by_trial(root)["metal", "1"]
    assert trial.info.run_name == "metal, seed 1"
    assert trial.data.metrics["test/micro_accuracy"] == pytest.approx(0.9)  # one mistake in ten
    assert trial.data.metrics["test/task/size"] == 1.0
    assert trial.data.metrics["n_train"] == 20
    # Losses 1 / (epoch + seed + mistakes).
    history = tracking.open_store(root).logged(trial.info.run_id)
    assert history == pytest.approx({1: 1 / 3, 2: 1 / 4, 3: 1 / 5})
    assert trial.data.params == {
        "application": "animals",
        "supervision": "metal",
        "animals.name": "zoo",
        "animals.train": "20",
        "estimator": "map",
        "end_model.epochs": "3",
        "end_model.learning_rate": "0.001",
        "trials": "3",
    }
    assert trial.data.tags["md5/data/models/animals/metal"] == "1bb.dir"
    assert trial.data.tags["md5/data/corpora/animals/text"] == "0aa.dir"
    assert "md5/data/models/animals/gold_dev" not in trial.data.tags


def test_aggregates_hold_mean_interval_and_label_model(root: Path) -> None:
    tracking.publish(root)
    found = by_trial(root)
    metrics = found["metal", "all"].data.metrics
    assert metrics["test/micro_accuracy"] == pytest.approx(0.8)
    assert metrics["test/micro_accuracy/high"] == pytest.approx(0.8 + 4.302652730 * 0.1 / 3**0.5)
    assert metrics["label_model/micro_accuracy"] == pytest.approx(0.7)
    assert metrics["trials"] == 3
    assert "label_model/micro_accuracy" not in found["gold_dev", "all"].data.metrics
    names = {entry.path for entry in tracking.open_store(root).client.list_artifacts(found["metal", "all"].info.run_id)}
    assert {"report.html", "table1.md", "trials.csv", "sources.csv"} <= names
    assert (root / "mlartifacts" / "animals").is_dir()


def test_parameters_are_those_of_the_own_stages_only() -> None:
    params, hashes = provenance(yaml.safe_load(LOCK)["stages"], "animals", "gold_dev")
    assert "end_model.epochs" not in params
    assert hashes == {"md5/data/corpora/animals/text": "0aa.dir", "md5/data/models/animals/gold_dev": "2cc.dir"}


def test_the_estimator_is_that_of_the_labels(root: Path) -> None:
    tracking.publish(root)
    found = by_trial(root)
    estimators = {supervision: found[supervision, "all"].data.params["estimator"] for supervision in END_MISTAKES}
    assert estimators == {"gold_dev": "gold", "majority_vote": "majority_vote", "metal": "map"}


def test_data_sets_are_those_of_the_lock_with_its_digests(root: Path) -> None:
    tracking.publish(root)
    found = by_trial(root)
    for trial in (("metal", "all"), ("metal", "2")):
        inputs = {
            data.dataset.name: (data.dataset.digest, data.tags[0].value) for data in found[trial].inputs.dataset_inputs
        }
        assert inputs == {
            "animals text/train": ("3dd", "training"),
            "animals text/dev": ("4ee", "validation"),
            "animals gold/dev": ("5ff", "validation"),
            "animals gold/test": ("6aa", "testing"),
        }


def test_gold_is_trained_on_dev() -> None:
    found = data_sets(yaml.safe_load(LOCK)["stages"], "animals", "gold_dev")
    assert [(data.name, data.context) for data in found] == [
        ("animals text/dev", "training"),
        ("animals gold/dev", "training"),
        ("animals gold/test", "testing"),
    ]


def test_an_experiment_says_what_it_compares_and_follows_the_results(root: Path) -> None:
    def description() -> str:
        return str(store.client.get_experiment(store.experiment("animals")).tags["mlflow.note.content"])

    store = tracking.open_store(root)
    tracking.publish(root)
    assert "| MeTaL | 70.0 | 80.0 (55.2–100.0) |" in description()
    assert "metal.current" in description()
    write_evaluated(root, end_mistakes={**END_MISTAKES, "metal": [1, 1, 1]})
    summarize(root, ["animals"], "")
    tracking.publish(root)
    assert "| MeTaL | 70.0 | 90.0 ± 0.0 |" in description()


def commit(root: Path, message: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "add", "dvc.lock"], cwd=root, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", message], cwd=root, check=True)


def test_revision_is_that_of_the_checkout(tmp_path: Path) -> None:
    assert origin(tmp_path) == {}  # no repository here
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "dvc.lock").write_text(LOCK, encoding="utf-8")
    commit(tmp_path, "x")
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout.strip()
    assert origin(tmp_path) == {"git.revision": revision}
    (tmp_path / "dvc.lock").write_text("stages: {}", encoding="utf-8")
    assert origin(tmp_path) == {"git.revision": f"{revision}-dirty"}


def test_the_experiment_is_the_one_with_this_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `dvc exp run` leaves it: a commit under refs/exps/, its files in the workspace."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)

    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    git("init", "-q", "-b", "main")
    (tmp_path / "dvc.lock").write_text(LOCK, encoding="utf-8")
    commit(tmp_path, "base")
    for name in ("brave-owl", "other"):
        (tmp_path / "dvc.lock").write_text(LOCK.replace("3dd", name), encoding="utf-8")
        commit(tmp_path, name)
        git("update-ref", f"refs/exps/ab/cdef/{name}", "HEAD")
        git("update-ref", "refs/exps/stash", "HEAD")
        git("reset", "-q", "--hard", "HEAD~1")
    assert "dvc.experiment" not in origin(tmp_path)
    (tmp_path / "dvc.lock").write_text(LOCK.replace("3dd", "brave-owl"), encoding="utf-8")
    assert origin(tmp_path)["dvc.experiment"] == "brave-owl"
    monkeypatch.setenv("DVC_EXP_NAME", "under-way")  # DVC sets it for what an experiment runs
    assert origin(tmp_path)["dvc.experiment"] == "under-way"
