"""One run at a time in a checkout: the lock that runs hold, and what of DVC's own locks a killed one leaves."""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


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
