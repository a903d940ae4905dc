"""A place for runs in MLflow: its client, writers in turn, and an end to runs whatever becomes of their process."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from flows.open_runs import OpenRuns
from flows.tracking_place import TrackingError, failed, refuse_damaged

PAGE = 800
"""How many runs are asked for at once."""
KEY = "metal.key"
"""The tag of a run that is published: the hash of its content."""


@event.listens_for(Engine, "connect")
def write_ahead(connection: Any, record: object) -> None:
    """Let sqlite write ahead: readers do not block writers, and a commit does not wait for the disk (10 ms each)."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")


class Place:
    """MLflow's client, with the database created once and writers in turn.

    uri : MLflow's tracking address
    root : the checkout; its lock file keeps two processes from creating the database, or the same run, at once
    artifacts : directory for files; None leaves it to a server

    Runs that killed processes left open are ended first; as a context, it ends those that the body left open.
    """

    def __init__(self, uri: str, root: Path, artifacts: Path | None) -> None:
        for name in ("alembic", "mlflow"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self.uri = uri
        self.lock = root / "mlflow.db.lock"
        self.artifacts = artifacts
        self.open = OpenRuns(root, uri)
        with self.alone():
            refuse_damaged(uri)
            self.client = MlflowClient(uri)
            self.client.search_experiments(max_results=1)  # creates the tables; several at once would crash
            for run in self.open.left():
                self._end(run, "KILLED")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End as KILLED what is open still, as after Ctrl-C; where MLflow is in trouble, the next store does."""
        if kind is None or not issubclass(kind, TrackingError):
            self.end(list(self.open.runs), "KILLED")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock that writers of this checkout take. Raises TrackingError for whatever MLflow cannot do."""
        with self.lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                yield
            except (MlflowException, SQLAlchemyError) as error:
                raise failed(self.uri, error) from error

    def experiment(self, application: str) -> str:
        """Return the id of an application's experiment, created if need be."""
        found = self.client.get_experiment_by_name(application)
        if found is not None and found.lifecycle_stage == "deleted":
            self.client.restore_experiment(found.experiment_id)
        if found is not None:
            return str(found.experiment_id)
        location = None if self.artifacts is None else (self.artifacts / application).as_uri()
        return str(self.client.create_experiment(application, artifact_location=location))

    def search(self, experiment: str, condition: str = "") -> list[Run]:
        """Return all runs of an experiment that meet a condition, newest first."""
        found: list[Run] = []
        token = None
        while True:
            page = self.client.search_runs([experiment], condition, max_results=PAGE, page_token=token)
            found += page
            token = page.token
            if not token:
                return found

    def end(self, runs: Iterable[str], status: str) -> None:
        """End runs that are open: "FINISHED" or "KILLED"; what is published is FINISHED in any case."""
        with self.alone():
            for run in runs:
                self._end(run, status)

    @contextmanager
    def reopened(self, run: str) -> Iterator[None]:
        """Hold a published run that the body opens: however that ends, the run is FINISHED. The caller is alone."""
        self.open.add(run)
        try:
            yield
        finally:
            self._end(run, "FINISHED")

    def _end(self, identifier: str, status: str) -> None:
        try:
            run = self.client.get_run(identifier)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
        else:
            status = "FINISHED" if KEY in run.data.tags else status
            if run.info.lifecycle_stage == "active" and run.info.status != status:
                self.client.set_terminated(identifier, status)
        self.open.discard(identifier)
