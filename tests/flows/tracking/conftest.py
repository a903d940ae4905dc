"""Invented results of one application, with a dvc.lock and an empty database."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows import tracking_place
from flows.steps.summarize import summarize
from tests.flows.invented_results import write_evaluated
from tests.flows.tracking.published import LOCK


@pytest.fixture
def root(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    write_evaluated(tmp_path)
    summarize(tmp_path, ["animals"], "")
    (tmp_path / "dvc.lock").write_text(LOCK, encoding="utf-8")
    shutil.copyfile(empty_database, tmp_path / tracking_place.DATABASE)
    return tmp_path
