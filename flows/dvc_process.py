"""DVC as a process that ends with the one that started it: `python -m flows.dvc_process PARENT ARGUMENTS`.

Started plainly, DVC outlives a run that is killed: it goes on writing, and holds its locks against the next run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from flows.cli import end_with_parent

PATIENCE = 5.0
"""Seconds between one signal and the next, sterner one, to processes that are to end."""


def command(*arguments: str) -> list[str]:
    """Return the command that runs DVC with these arguments as a child of this process."""
    return [sys.executable, "-m", "flows.dvc_process", str(os.getpid()), *arguments]


class Processes:
    """DVC's processes in a checkout, side by side; each leads a group, so that one signal reaches all it started.

    root : the checkout
    lock : descriptor of the run lock (see `flows.run_lock.exclusive`), which they share: where this process is killed,
        the next run waits until they have ended too
    """

    def __init__(self, root: Path, lock: int) -> None:
        self.root = root
        self.lock = lock
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False
        self._guard = threading.Lock()

    def run(self, *arguments: str, env: Mapping[str, str], on_line: Callable[[str], None]) -> int:
        """Run DVC and return its exit code; `on_line` takes each line of its output.

        Raises InterruptedError once `stop` was called.
        """
        with self._guard:
            if self._stopped:
                raise InterruptedError("ended with the run")
            process = subprocess.Popen(
                command(*arguments),
                cwd=self.root,
                env=env,
                text=True,
                errors="replace",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[self.lock],
                process_group=0,
            )
            self._running.add(process)
        try:
            with process:
                for line in process.stdout or ():
                    if line.strip():
                        on_line(line.rstrip())
        finally:
            with self._guard:
                self._running.discard(process)
        if self._stopped:
            raise InterruptedError("ended with the run")
        return process.returncode

    def stop(self) -> None:
        """Start nothing more and end what runs: as Ctrl-C does, so that DVC gives its locks back, then by force."""
        with self._guard:
            self._stopped = True
            groups = [process.pid for process in self._running]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for group in groups:
                with suppress(ProcessLookupError):
                    os.killpg(group, number)
            end = time.monotonic() + PATIENCE
            while any(is_there(group) for group in groups) and time.monotonic() < end:
                time.sleep(0.05)


def is_there(group: int) -> bool:
    """Say whether a process group has members."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Run DVC's own command line."""
    end_with_parent(int(sys.argv[1]))
    from dvc.cli import main as dvc_main

    raise SystemExit(dvc_main(sys.argv[2:]))


if __name__ == "__main__":
    main()
