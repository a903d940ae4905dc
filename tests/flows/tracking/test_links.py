"""What the main job ends with: the way to MLflow's pages, or one warning."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

from flows import tracking, tracking_place
from flows.repro import show_and_publish
from tests.flows.tracking.published import runs


def test_the_link_opens_the_means_of_the_current_runs_side_by_side() -> None:
    link = tracking.compare_link("7", "http://127.0.0.1:5001")
    assert link == (
        "http://127.0.0.1:5001/#/experiments/7/runs"
        "?searchFilter=tags.%60metal.current%60%20%3D%20%27yes%27%20AND%20tags.%60metal.seed%60%20%3D%20%27all%27"
        "&compareRunsMode=CHART&workflowType=machine_learning"
    )


def test_the_last_line_is_the_link_and_how_it_is_served(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.repro.answers", lambda port: False)
    show_and_publish(root, time.time())
    experiment = tracking.open_store(root).experiment("animals")
    link = tracking.compare_link(experiment, "http://127.0.0.1:5000")
    assert capsys.readouterr().out.splitlines()[-1] == f"MLflow   {link}   (served by: make mlflow)"

    monkeypatch.setattr("flows.repro.answers", lambda port: port == 5000)
    show_and_publish(root, time.time())
    assert capsys.readouterr().out.splitlines()[-1] == f"MLflow   {link}"


def test_pages_are_those_of_the_tracking_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org/")
    assert tracking.pages(tmp_path, 5001) == "https://mlflow.example.org"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    assert tracking.pages(tmp_path, 5001) == "http://127.0.0.1:5001"


def test_whoever_runs_the_pipeline_may_tag_its_runs(root: Path) -> None:
    show_and_publish(root, time.time(), {"prefect.flow_run": "abc"})
    assert {run.data.tags["prefect.flow_run"] for run in runs(root)} == {"abc"}


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"garbage" * 1000])
def test_the_comparison_is_shown_and_mlflows_trouble_is_one_warning(
    root: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (root / tracking_place.DATABASE).write_bytes(content)

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
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("flows.repro.publish", full)

    show_and_publish(root, time.time())

    printed = capsys.readouterr()
    assert "MeTaL" in printed.out
    assert printed.err.startswith("warning: not published to MLflow: [Errno 28] No space left on device. To try again")


def test_a_port_in_use_is_named(root: Path) -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"port {port} of this machine is in use"):
            tracking.serve(root, {}, port)
