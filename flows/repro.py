"""The main job: `python -m flows.repro`, which is what `make repro` runs.

Brings every stage up to date with DVC, shows trainings live in MLflow, publishes there and prints the comparison. One
run at a time in a checkout: DVC's own locks make a second one fail where it meets the first, so that here it waits.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flows.cli import ERROR_FILE, plain_errors
from flows.dvc_process import command
from flows.live import live
from flows.run_lock import exclusive
from flows.tracking import PORT, answers, compare_link, pages, publish
from flows.tracking_place import TrackingError, tracking_uri


class ReproError(RuntimeError):
    """A stage failed; the message is the stage's own, where it left one."""


def environment() -> dict[str, str]:
    """Return the environment of DVC's stages: `python` in their commands is this interpreter."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


def reproduce(root: Path, lock: int, *targets: str) -> None:
    """Bring every stage of dvc.yaml, or the targets, up to date; DVC shares the run lock.

    Raises ReproError with the failing stage's message.
    """
    with error_file() as errors:
        env = {**environment(), ERROR_FILE: str(errors)}
        done = subprocess.run(
            command("--wait-for-lock", "repro", *targets), cwd=root, env=env, pass_fds=[lock], check=False
        )
        if done.returncode:
            raise ReproError(said(errors) or "DVC could not reproduce the pipeline; see above")


@contextmanager
def error_file() -> Iterator[Path]:
    """Give the path of a file in which a failing step can leave its message: see `flows.cli.report`."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "errors"


def said(errors: Path) -> str:
    """Return the message that a failing step left; empty if it left none."""
    return errors.read_text(encoding="utf-8").strip().removeprefix("error: ") if errors.exists() else ""


def show_and_publish(root: Path, started: float, tags: Mapping[str, str] | None = None) -> None:
    """Print the comparison, with the time since `started` (Unix time), publish the results to MLflow, and say where.

    tags : what whoever runs the pipeline knows of the runs
    Trouble with MLflow is a warning: the results are there, and can be published later.
    """
    from flows.show import compared, show

    print(show(root, time.time() - started), flush=True)
    try:
        experiments = publish(root, tags)
    except (TrackingError, OSError) as error:
        said = " ".join(str(error).split())
        print(f"warning: not published to MLflow: {said}. To try again: python -m flows.tracking", file=sys.stderr)
        return
    base = pages(root)
    links = [compare_link(experiment, base) for experiment in experiments.values()]
    print(compared(links, served=base.startswith(tracking_uri(root)) or answers(PORT)), flush=True)


def main() -> None:
    """Run the main job."""
    parser = argparse.ArgumentParser(prog="python -m flows.repro", description="Run the pipeline, show the comparison.")
    parser.add_argument("--started", type=float, default=time.time(), help="when the wall time began (Unix time)")
    arguments = parser.parse_args()
    root = Path()
    with plain_errors(), exclusive(root) as lock:
        with live(root):
            reproduce(root, lock)
        show_and_publish(root, arguments.started)


if __name__ == "__main__":
    main()
