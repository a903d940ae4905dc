"""What tests of MLflow share."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flows import tracking, tracking_place


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh database to copy: creating one takes seconds."""
    root = tmp_path_factory.mktemp("database")
    tracking.open_store(root).client  # noqa: B018
    with sqlite3.connect(root / tracking_place.DATABASE) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return root / tracking_place.DATABASE
