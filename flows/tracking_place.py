"""Where runs are written: the database in the checkout, or a tracking server; and the error that says why not."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

DATABASE = "mlflow.db"


class TrackingError(RuntimeError):
    """MLflow could not read or write runs. Results do not depend on it."""


def tracking_uri(root: Path) -> str:
    """Return MLFLOW_TRACKING_URI, or the database in the checkout."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(root / DATABASE).resolve()}"


def failed(uri: str, error: object) -> TrackingError:
    """Return the error of a place that MLflow cannot read or write, with the remedy that this kind of place has."""
    if uri.startswith("sqlite:"):
        remedy = "Remove the database: python -m flows.tracking fills a new one from the results"
    else:
        remedy = (
            "Look whether MLFLOW_TRACKING_URI and, where the server asks, MLFLOW_TRACKING_USERNAME and "
            "MLFLOW_TRACKING_PASSWORD are right; then publish the results: python -m flows.tracking"
        )
    return TrackingError(f"{uri}: {error}. Results are not affected. {remedy}")


def refuse_damaged(uri: str) -> None:
    """Raise TrackingError for a file that is no sqlite database, which MLflow would try to open for two minutes."""
    path = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and path.exists():
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA schema_version")
        except sqlite3.Error as error:
            raise failed(f"sqlite:///{path}", f"the database cannot be read: {error}") from error
