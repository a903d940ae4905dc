"""MLflow: publish results (idempotent), open the comparison; flows/live.py follows trainings.

    python -m flows.tracking            publish what is new; a moment if nothing is
    python -m flows.tracking --ui       publish, then serve MLflow on the loopback address

Results reach MLflow from files, after the fact: so stages restored from DVC's cache appear too, and training never
waits for a database. A run is found again by the hash of its content, so nothing appears twice.

Importing this module is light; MLflow (2 s) is imported only where there is something to write.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flows.cli import plain_errors
from flows.open_runs import OpenRuns
from flows.tracking_place import tracking_uri
from metal.atomic import write_bytes

if TYPE_CHECKING:
    from flows.runs import Store

STAMP = "mlflow.db.published"
PORT = 5000
"""Where MLflow's pages are served unless another port is asked for."""
MLFLOW_PORT = "METAL_MLFLOW_PORT"
"""The variable by which a triggered run knows that port."""


def open_store(root: Path, home: Path | None = None) -> Store:
    """Return the store that runs are written to; imports MLflow.

    home : the checkout, where root is a working copy of it
    """
    from flows.runs import Store

    uri, place = tracking_uri(root), beside(root, home)
    return Store(uri, place, artifacts=place / "mlartifacts" if uri.startswith("sqlite:///") else None, training=root)


def left_open(root: Path, home: Path | None = None) -> bool:
    """Say whether a process may have been killed that had runs open; `open_store` ends them."""
    return OpenRuns(beside(root, home), tracking_uri(root)).any_left()


def beside(root: Path, home: Path | None) -> Path:
    """Return the folder of locks and files: that of the database, which all who write to it share, or the checkout."""
    uri = tracking_uri(root)
    return Path(uri.removeprefix("sqlite:///")).resolve().parent if uri.startswith("sqlite:///") else home or root


# --- publishing -------------------------------------------------------------------------------------------------------


def fingerprint(root: Path) -> str:
    """Return the SHA-256 of everything that publishing reads. Raises ArtifactError if there are no results yet."""
    from flows.artifacts import DATA, RESULTS, existing

    paths = [existing(root / RESULTS / "results.csv"), existing(root / "dvc.lock")]
    paths += sorted((root / DATA / "evaluation").glob("*/curves.csv"))
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def publish(root: Path, tags: Mapping[str, str] | None = None, home: Path | None = None) -> dict[str, str]:
    """Bring MLflow up to date with the results; return experiment ids by application.

    tags : what whoever runs the pipeline knows of the runs; new ones get them
    home : the checkout, where root is a working copy of it

    Does nothing, without importing MLflow, if the same results have been published to the same place before, and no
    killed process left runs open there. Raises
    TrackingError for whatever MLflow cannot do, OSError where a file cannot be written.
    """
    uri, content = tracking_uri(root), fingerprint(root)
    published = read_stamp(root, uri)
    if published is not None and published["content"] == content and not left_open(root, home):
        return dict(published["experiments"])
    from flows.records import describe, read_groups

    with open_store(root, home) as store:
        experiments = store.publish(read_groups(root, tags), describe(root))
    stamp = {uri: {"content": content, "experiments": experiments}}
    write_bytes(root / STAMP, json.dumps(stamp, indent=2).encode() + b"\n")
    return experiments


def read_stamp(root: Path, uri: str) -> dict[str, Any] | None:
    """Return what was last published to a place; None if nothing, or if the database has gone since."""
    try:
        stamp = json.loads((root / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or not whole: publishing again finds every run by its key
        return None
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).is_file():
        return None
    found = stamp.get(uri)
    return found if isinstance(found, dict) else None


def pages(root: Path, port: int | None = None) -> str:
    """Return the address of MLflow's pages: the tracking server's, or those that make mlflow or make serve serve."""
    uri = tracking_uri(root)
    if uri.startswith(("http:", "https:")):
        return uri.rstrip("/")
    return f"http://127.0.0.1:{port or os.environ.get(MLFLOW_PORT, PORT)}"


def compare_link(experiment: str, base: str) -> str:
    """Return the address at which MLflow shows the means of an experiment's current runs side by side, as charts."""
    shown = quote("tags.`metal.current` = 'yes' AND tags.`metal.seed` = 'all'")
    query = f"searchFilter={shown}&compareRunsMode=CHART&workflowType=machine_learning"
    return f"{base}/#/experiments/{experiment}/runs?{query}"


# --- command line -----------------------------------------------------------------------------------------------------


def serve(root: Path, experiments: dict[str, str], port: int) -> int:
    """Serve MLflow's pages on the loopback address until interrupted; say where the comparison is once it is there.

    Raises RuntimeError if the port is taken.
    """
    if answers(port):
        raise RuntimeError(f"port {port} of this machine is in use; choose another, e.g. make mlflow PORT={port + 1}")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", tracking_uri(root)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--uvicorn-opts", "--log-level warning"]
    server = subprocess.Popen(command, cwd=root)
    try:
        while server.poll() is None and not answers(port):
            time.sleep(0.2)
        if server.poll() is None:
            for application, experiment in experiments.items():
                print(f"\n{application}: {compare_link(experiment, pages(root, port))}", flush=True)
            if not experiments:
                print(f"\nno results yet; trainings under way: http://127.0.0.1:{port}/#/experiments", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0


def answers(port: int) -> bool:
    """Tell whether something listens on a port of the loopback address."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m flows.tracking", description="Publish results to MLflow.")
    parser.add_argument("--ui", "--open", action="store_true", help="then serve MLflow's pages and say where")
    parser.add_argument("--port", type=int, default=PORT, help="port of the pages (default: %(default)s)")
    arguments = parser.parse_args()
    from flows.artifacts import RESULTS

    root = Path()
    with plain_errors("MLflow: "):
        # Before the first results there may be live curves to look at.
        ready = (root / RESULTS / "results.csv").is_file()
        experiments = publish(root) if ready or not arguments.ui else {}
        if arguments.ui:
            raise SystemExit(serve(root, experiments, arguments.port))


if __name__ == "__main__":
    main()
