"""The main job: `python -m flows.repro`, which is what `make repro` runs.

Brings every stage up to date with DVC, shows trainings live in MLflow, publishes there and prints the comparison. One
run at a time in a checkout: DVC's own locks make a second one fail where it meets the first, so that here it waits.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from flows.cli import ERROR_FILE, plain_errors
from flows.dvc_process import command
from flows.tracking import PORT, TrackingError, answers, compare_link, live, pages, publish, tracking_uri


class ReproError(RuntimeError):
    """A stage failed; the message is the stage's own, where it left one."""


@contextmanager
def exclusive(root: Path) -> Iterator[int]:
    """Hold the checkout's run lock; wait, and say so, while another run holds it. Gives the lock's descriptor.

    The lock is held as long as a process has the descriptor open: one that is killed holds it no more.
    """
    folder = root / ".dvc" / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run in this checkout is under way; waiting for it to end", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        forget_the_dead(folder / "rwlock")
        yield handle.fileno()


def under_way(root: Path) -> bool:
    """Say whether a process holds a checkout's run lock: a run, or what it started."""
    lock = root / ".dvc" / "tmp" / "run.lock"
    if not lock.is_file():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def forget_the_dead(locks: Path) -> None:
    """Remove DVC's locks on paths if those who held them were killed.

    DVC does so where a process ID is free again, but takes a zombie, or another process of that ID, for the holder.
    """
    if not locks.is_file():
        return
    try:
        held = json.loads(locks.read_text(encoding="utf-8") or "{}")
    except ValueError:  # killed while writing this very file
        held = {}
    holders = [
        *held.get("write", {}).values(),
        *(reader for readers in held.get("read", {}).values() for reader in readers),
    ]
    written = locks.stat().st_mtime
    if not any(is_running(int(holder["pid"]), written) for holder in holders):
        locks.unlink()


def is_running(pid: int, since: float) -> bool:
    """Say whether the process that had an ID at a time (Unix time) still runs."""
    try:
        process = psutil.Process(pid)
        return process.create_time() <= since and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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
