"""Trainings under way in MLflow: their losses while they go on, in a process beside the run that trains.

    python -m flows.live        write the losses of trainings under way until terminated

A training's run is RUNNING as long as it trains, then FINISHED, and KILLED where it was cut off.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.cli import plain_errors
from flows.tracking import left_open, open_store

if TYPE_CHECKING:
    from flows.runs import Store

INTERVAL = 2.0
"""Seconds between two looks at trainings under way."""


@contextmanager
def live(root: Path, home: Path | None = None) -> Iterator[None]:
    """Follow trainings in a process of its own while the body runs. METAL_LIVE=0 turns it off.

    root : where they train; home : the checkout, where root is a working copy of it
    """
    if os.environ.get("METAL_LIVE") == "0":
        yield
        return
    words = ["--since", repr(time.time()), *([] if home is None else ["--home", str(home.resolve())])]
    follower = subprocess.Popen([sys.executable, "-m", "flows.live", *words], cwd=root)
    try:
        yield
    finally:
        follower.terminate()
        follower.wait()


def follow(root: Path, home: Path | None = None, since: float = 0.0) -> None:
    """Write the losses of trainings under way every two seconds, until SIGTERM or the parent process is gone.

    since : Unix time; what trainings left before is of those that were cut off

    Trainings leave a line an epoch in data/scratch/APPLICATION/SUPERVISION/curves.csv, and remove it when they are
    through. Trouble with MLflow is told once and ends the following, never the training; publishing fills in what is
    missing.
    """
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run that is followed; SIGTERM comes from there
    parent = os.getppid()

    def over() -> bool:
        return bool(stopped) or os.getppid() != parent

    store: Store | None = open_store(root, home) if left_open(root, home) else None  # which ends what a killed run left
    written: dict[Path, dict[int, dict[int, float]]] = {}
    runs: dict[Path, set[str]] = {}
    while not over():
        for path in sorted((root / "data" / "scratch").glob("*/*/curves.csv")):
            losses = read_losses(path, since)
            if losses and losses != written.get(path):
                store = store or open_store(root, home)
                runs.setdefault(path, set()).update(store.log_live(path.parts[-3], path.parts[-2], losses))
                written[path] = losses
        wake = time.monotonic() + INTERVAL
        while not over() and time.monotonic() < wake:  # in short steps: whoever terminates it waits for it to end
            time.sleep(0.1)
        if store is not None:
            through = [path for path in runs if not path.exists()]
            store.end([run for path in through for run in runs.pop(path)], "FINISHED")
            for path in through:
                del written[path]
    if store is not None:
        store.end([run for of_training in runs.values() for run in of_training], "KILLED")


def read_losses(path: Path, since: float = 0.0) -> dict[int, dict[int, float]]:
    """Return the losses so far by seed and epoch; a line that is being written, or a file just removed, is left out.

    since : Unix time; a file that has not changed after it has nothing
    """
    found: dict[int, dict[int, float]] = {}
    try:
        if path.stat().st_mtime < since:
            return found
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return found
    for line in text[: text.rfind("\n") + 1].splitlines()[1:]:
        seed, epoch, loss, _ = line.split(",")
        found.setdefault(int(seed), {})[int(epoch)] = float(loss)
    return found


def main() -> None:
    """Follow the trainings of this folder."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.live", description="Write the losses of trainings under way to MLflow until terminated."
    )
    parser.add_argument("--home", type=Path, help="the checkout, where this folder is a working copy of it")
    parser.add_argument("--since", type=float, default=0.0, help="leave out what has not changed since (Unix time)")
    arguments = parser.parse_args()
    with plain_errors("MLflow: "):
        follow(Path(), arguments.home, arguments.since)


if __name__ == "__main__":
    main()
