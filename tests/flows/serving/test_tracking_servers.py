"""Any tracking server: publishing, registering and loading over HTTP, with sqlite and with PostgreSQL behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows import tracking
from flows.artifacts import Paths, read_table
from flows.serving.batch import score_file
from flows.serving.registry import ALIAS
from tests.flows.servers import free_port, server
from tests.flows.serving.conftest import Project
from tests.flows.serving.small_project import NAME, SIZES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
USER = "nobody"
"""Whom PostgreSQL runs as where the tests run as root, which it refuses."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server on a socket in a folder of its own; give the address of its database."""
    if POSTGRES is None:
        pytest.skip("PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb")
    sockets = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    root = os.geteuid() == 0
    prefix = ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups"] if root else []
    if root:
        shutil.chown(sockets, USER, "nogroup")
    data = sockets / "data"
    options = f"-c listen_addresses= -c unix_socket_directories={sockets} -c fsync=off"

    def run(name: str, *arguments: str) -> None:
        with (folder / f"{name}.log").open("w") as log:
            subprocess.run(
                [*prefix, str(POSTGRES.with_name(name)), *arguments], stdout=log, stderr=log, cwd=sockets, check=True
            )

    try:
        run("initdb", "-D", str(data), "-U", "mlflow", "--auth=trust")
        run("pg_ctl", "-D", str(data), "-w", "-l", str(sockets / "log"), "-o", options, "start")
        try:
            run("createdb", "-h", str(sockets), "-U", "mlflow", "mlflow")
            yield f"postgresql+psycopg2://mlflow@/mlflow?host={sockets}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "fast", "stop")
    finally:
        shutil.rmtree(sockets)


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'server.db'}"


@pytest.mark.parametrize("backend", [sqlite, postgres])
def test_a_server_holds_runs_models_and_files(
    registered: Project, tmp_path: Path, backend: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = registered.copy(tmp_path / "project")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with backend(tmp_path) as database:  # type: ignore[operator]
        command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", database, "--workers", "1"]
        command += ["--artifacts-destination", str(tmp_path / "files"), "--host", "127.0.0.1", "--port", str(port)]
        with server(command, f"{address}/health", tmp_path / "mlflow.log"):
            monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
            env = {**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": address}
            said = [run(["flows.register", "--application", NAME], project.root, env) for _ in range(2)]
            assert "version 1: dev accuracy" in said[0]
            assert said[0].count("champion: there was none before") == 2
            assert said[1].count("is the champion") == 2  # what is registered is found again
            store = tracking.open_store(project.root)
            runs = store.search(store.experiment(NAME))
            assert len(runs) == 1 + 2  # the aggregate and two trials, once
            parent = next(run for run in runs if run.data.tags["metal.seed"] == "all")
            assert parent.info.artifact_uri.startswith("mlflow-artifacts:")
            assert {"report.html", "table1.md"} <= {f.path for f in store.client.list_artifacts(parent.info.run_id)}
            target = tmp_path / "answers.parquet"
            documents = Paths(project.root, NAME).text("test")
            assert score_file(f"models:/{NAME}-label@{ALIAS}", documents, target, project.root) == SIZES["test"]
            assert len(read_table(target)) == SIZES["test"]


def run(command: list[str], root: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
