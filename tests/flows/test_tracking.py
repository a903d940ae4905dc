"""Publishing to MLflow: every result once, aggregates above their trials, live curves that become the published run."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows import artifacts, tracking
from flows.artifacts import RESULTS
from flows.records import provenance, read_groups
from flows.repro import show_and_publish
from flows.steps.evaluate import evaluate
from flows.steps.summarize import summarize
from tests.flows.invented_results import END_MISTAKES, write_end_model, write_evaluated

ROOT = Path(__file__).parents[2]
LOCK = """\
schema: '2.0'
stages:
  ingest@animals:
    cmd: python -m flows.steps.ingest
    params:
      params.yaml:
        animals: {name: zoo, train: 20}
    outs:
    - {path: data/corpora/animals/text, hash: md5, md5: 0aa.dir, size: 3}
  train@animals-metal:
    cmd: python -m flows.steps.train
    params:
      params.yaml:
        end_model: {epochs: 3, learning_rate: 0.001}
        trials: 3
    outs:
    - {path: data/models/animals/metal, hash: md5, md5: 1bb.dir, size: 3}
  train@animals-gold_dev:
    cmd: python -m flows.steps.train
    outs:
    - {path: data/models/animals/gold_dev, hash: md5, md5: 2cc.dir, size: 3}
  train@others-metal:
    cmd: python -m flows.steps.train
    params:
      params.yaml:
        end_model: {epochs: 99}
"""
RUNS = 3 * (1 + 3)  # three supervisions, each with an aggregate and three trials


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh database to copy: creating one takes seconds."""
    root = tmp_path_factory.mktemp("database")
    tracking.open_store(root).client  # noqa: B018
    with sqlite3.connect(root / tracking.DATABASE) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return root / tracking.DATABASE


@pytest.fixture
def root(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    write_evaluated(tmp_path)
    summarize(tmp_path, ["animals"], "")
    (tmp_path / "dvc.lock").write_text(LOCK, encoding="utf-8")
    shutil.copyfile(empty_database, tmp_path / tracking.DATABASE)
    return tmp_path


def runs(root: Path) -> list[Any]:
    store = tracking.open_store(root)
    return store.search(store.experiment("animals"))


def by_trial(root: Path) -> dict[tuple[str, str], Any]:
    found = {(run.data.tags["metal.supervision"], run.data.tags["metal.seed"]): run for run in runs(root)}
    assert len(found) == len(runs(root)), "a trial appears twice"
    return found


def retrain(root: Path, supervision: str, mistakes: list[int]) -> None:
    """Bring about other results of one supervision."""
    paths = artifacts.Paths(root, "animals")
    write_end_model(paths, supervision, mistakes)
    evaluate(paths, "zoo", list(END_MISTAKES))
    summarize(root, ["animals"], "")


def follow_until(root: Path, condition: Any) -> tuple[int, str]:
    """Run the follower as a process of its own until a condition holds; return its exit code and what it said."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flows.tracking", "--follow"]
    follower = subprocess.Popen(command, cwd=root, env=env, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and follower.poll() is None and not condition():
        time.sleep(0.2)
    follower.send_signal(signal.SIGTERM)
    _, said = follower.communicate(timeout=60)
    return follower.returncode, said


def curves(root: Path, *lines: str) -> None:
    path = root / "data" / "scratch" / "animals" / "metal" / "curves.csv"
    artifacts.write_text(path, "\n".join(["seed,epoch,train_loss,seconds", *lines]))


# --- what is published ------------------------------------------------------------------------------------------------


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
    import yaml

    params, hashes = provenance(yaml.safe_load(LOCK)["stages"], "animals", "gold_dev")
    assert "end_model.epochs" not in params
    assert hashes == {"md5/data/corpora/animals/text": "0aa.dir", "md5/data/models/animals/gold_dev": "2cc.dir"}


def test_revision_is_that_of_the_checkout(root: Path) -> None:
    assert read_groups(root)[0].parent.tags.get("git.revision") is None  # no repository here
    for command in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True).stdout
    assert read_groups(root)[0].parent.tags["git.revision"].startswith(revision.strip())


# --- once -------------------------------------------------------------------------------------------------------------


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
    assert tracking.read_stamp(root, tracking.tracking_uri(root)) is None
    shutil.copyfile(empty_database, root / tracking.DATABASE)
    (root / tracking.STAMP).write_text("{broken", encoding="utf-8")  # a damaged stamp is no stamp
    tracking.publish(root)
    assert len(runs(root)) == RUNS


def test_two_at_once_publish_once(root: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    (root / tracking.DATABASE).unlink()  # they race on a database that is not there yet, too
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


# --- live curves ------------------------------------------------------------------------------------------------------


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


def test_half_a_line_is_not_read(root: Path) -> None:
    curves(root, "0,1,0.900000,1.0", "1,1,0.800000,1.0", "0,2,0.7")
    path = root / "data" / "scratch" / "animals" / "metal" / "curves.csv"
    assert tracking.read_losses(path) == {0: {1: 0.9}, 1: {1: 0.8}}
    assert tracking.read_losses(path.with_name("gone.csv")) == {}


def test_the_follower_writes_what_trainings_leave(root: Path) -> None:
    curves(root, "0,1,0.900000,1.0", "")
    code, said = follow_until(root, lambda: len(runs(root)) == 1)
    assert (code, said) == (0, "")
    assert by_trial(root)["metal", "0"].data.metrics["train_loss"] == 0.9


def test_the_follower_ends_with_an_error_of_its_own_where_mlflow_cannot_write(root: Path) -> None:
    (root / tracking.DATABASE).write_bytes(b"this is no database" * 100)
    curves(root, "0,1,0.900000,1.0", "")
    code, said = follow_until(root, lambda: False)
    assert code == 1
    assert said.startswith("error: MLflow: ")
    assert "is not a database. Results are not affected. Remove the database" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"garbage" * 1000])
def test_the_comparison_is_shown_and_mlflows_trouble_is_one_warning(
    root: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (root / tracking.DATABASE).write_bytes(content)

    show_and_publish(root, time.time())

    printed = capsys.readouterr()
    assert "MeTaL" in printed.out
    [warning] = printed.err.splitlines()
    assert warning.startswith("warning: not published to MLflow: ")
    assert "is not a database. Results are not affected. Remove the database" in warning
    assert warning.endswith("To try again: python -m flows.tracking")


def test_a_full_disk_while_publishing_is_one_warning(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_root: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("flows.repro.publish", full)

    show_and_publish(root, time.time())

    printed = capsys.readouterr()
    assert "MeTaL" in printed.out
    assert printed.err.startswith("warning: not published to MLflow: [Errno 28] No space left on device. To try again")


def test_live_runs_a_follower_only_while_the_body_runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    curves(root, "0,1,0.900000,1.0", "")
    with tracking.live(root):
        deadline = time.monotonic() + 60
        while not runs(root) and time.monotonic() < deadline:
            time.sleep(0.2)
    assert len(runs(root)) == 1
    curves(root, "0,1,0.900000,1.0", "1,1,0.900000,1.0", "")
    monkeypatch.setenv("METAL_LIVE", "0")
    with tracking.live(root):
        time.sleep(0.1)
    assert len(runs(root)) == 1


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_link_opens_the_current_runs_side_by_side() -> None:
    link = tracking.compare_link("7", 5001)
    assert link.startswith("http://127.0.0.1:5001/#/experiments/7/runs?")
    assert "compareRunsMode=CHART" in link


def test_a_port_in_use_is_named(root: Path) -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"port {port} of this machine is in use"):
            tracking.serve(root, {}, port)
