"""Where runs are written: the database in the checkout, or a tracking server; and the error that says why not."""

from __future__ import annotations

import os
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
