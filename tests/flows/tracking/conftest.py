"""Invented results of one application, with a dvc.lock and an empty database."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from flows import tracking
from flows.steps.summarize import summarize
from tests.flows.invented_results import write_evaluated
from tests.flows.tracking.published import LOCK


@pytest.fixture(scope="session")
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
