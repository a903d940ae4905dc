"""Which runs in MLflow a process has open: written down, so that they are ended even where it is killed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

PREFIX = "mlflow.db.open"
"""How the files' names begin; git ignores them."""


class OpenRuns:
    """The open runs of this process at one place, in a file that is locked as long as the process lives.

    folder : holds such a file for each process that has runs open: PREFIX-PLACE-PROCESS
    uri : of the place; the name has its hash
    Not for two processes at once: whoever calls holds the lock of the place's writers.
    """

    def __init__(self, folder: Path, uri: str) -> None:
        self.folder = folder
        self.name = f"{PREFIX}-{hashlib.sha256(uri.encode()).hexdigest()[:12]}"
        self.runs: list[str] = []
        self._file: TextIO | None = None

    def add(self, run: str) -> None:
        """Write down that a run is open."""
        if run not in self.runs:
            self.runs.append(run)
            self._write()

    def discard(self, run: str) -> None:
        """Write down that a run is open no more."""
        if run in self.runs:
            self.runs.remove(run)
            self._write()

    def left(self) -> Iterator[str]:
        """Yield the runs of processes that are gone; once all are consumed, they are forgotten."""
        for file in self._unlocked():
            yield from file.read().split()
            Path(file.name).unlink()

    def any_left(self) -> bool:
        """Say whether a process is gone that had runs open."""
        return any(True for _ in self._unlocked())

    def _unlocked(self) -> Iterator[TextIO]:
        for path in sorted(self.folder.glob(f"{self.name}-*")):
            with suppress(FileNotFoundError), path.open(encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:  # its process lives
                    continue
                yield file

    def _write(self) -> None:
        if self._file is None:
            name = f"{self.name}-{os.getpid()}-{secrets.token_hex(4)}"  # process IDs come again
            self._file = (self.folder / name).open("x", encoding="utf-8")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.seek(0)
        self._file.truncate()
        self._file.write("\n".join(self.runs))
        self._file.flush()
        if not self.runs:
            Path(self._file.name).unlink(missing_ok=True)
            self._file.close()
            self._file = None
