"""Score a file with a registered model in a process of its own; the answers are there whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from flows.tracking_place import tracking_uri
from metal.atomic import neighbour, sweep, sync_directory, unwritable

ROWS = 1000
"""Documents in memory at a time."""


class BatchError(RuntimeError):
    """A file could not be scored; the message names file, row and column."""


def score_file(uri: str, source: Path, target: Path, root: Path = Path(), rows: int = ROWS) -> int:
    """Score the documents of a Parquet file with a registered model, write the answers, return how many there were.

    uri : as MLflow names models, "models:/report-end@champion"
    root : the checkout, whose database is asked unless MLFLOW_TRACKING_URI names another place

    One that is killed leaves what was at `target` before; run again, it starts anew.
    Raises BatchError with the reason, UnwritableError where the answers cannot be written.
    """
    if not source.is_file():
        raise BatchError(f"{source} is no file; name a Parquet file of documents")
    if rows < 1:
        raise BatchError(f"at least one document is held in memory at a time, not {rows}")
    if target.exists() and target.samefile(source):
        raise BatchError(f"{target} holds the documents; name another file for the answers")
    partial = neighbour(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target)
        partial.touch()
    except OSError as error:
        raise unwritable(target, error) from error
    command = [sys.executable, "-m", "flows.serving.batch_process", str(os.getpid())]
    quiet = {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
    env = {**quiet, **os.environ, "MLFLOW_TRACKING_URI": tracking_uri(root)}
    try:
        command += [uri, str(source), str(partial), str(rows)]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
        said = json.loads(done.stdout) if done.stdout else {}
        if done.returncode:
            raise BatchError(said.get("error") or f"scoring {source} ended with code {done.returncode}; see above")
        with partial.open("rb") as handle:
            os.fsync(handle.fileno())
        partial.replace(target)
        sync_directory(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return int(said["documents"])
