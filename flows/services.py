"""Processes that go on without the one that started them, and are found again: by ID, time of the start, and a token.

An ID is given out again, so that the time tells one process from the next; the token, in the environment, is handed on
to whatever a process starts. Nothing else is ever ended.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from flows.working_copy import HOME
from metal.atomic import write_text

STATE = HOME / "services.json"
TOKEN = "METAL_SERVICE"  # noqa: S105 (the name of a variable)
END_SECONDS = 15
"""How long a process may take to end before it is killed."""


@dataclass(frozen=True)
class Service:
    """A process that was started: `started` is its start in Unix time, `token` the mark of all it starts."""

    name: str
    pid: int
    started: float
    token: str
    port: int | None

    def leader(self) -> psutil.Process | None:
        """Return the process; None where it has ended, though another may have its ID by now."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        return None

    def members(self) -> list[psutil.Process]:
        """Return all processes that have the token: it and what it started, also where it has ended itself."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(TOKEN) == self.token:
                    found.append(process)
        return found


def start(root: Path, name: str, words: Sequence[str], port: int | None, environment: Mapping[str, str]) -> Service:
    """Start a service that goes on without this process; it writes to a log of its own."""
    token = secrets.token_hex(8)
    with log_of(root, name).open("w") as log:
        process = subprocess.Popen(
            words,
            cwd=root,
            env={**environment, TOKEN: token},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Service(name, process.pid, psutil.Process(process.pid).create_time(), token, port)


def log_of(root: Path, name: str) -> Path:
    """Return the path of a service's log."""
    return root / HOME / f"{name}.log"


def end(service: Service) -> bool:
    """End a service and what it started, gently first; say whether there was anything to end."""
    leader = service.leader()
    if leader is not None:
        leader.terminate()
        psutil.wait_procs([leader], timeout=END_SECONDS)
    members = service.members()
    for process in members:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    psutil.wait_procs(members, timeout=END_SECONDS)
    for process in service.members():
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return leader is not None or bool(members)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Let one process at a time start or stop services."""
    (root / HOME).mkdir(exist_ok=True)
    with (root / HOME / "services.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_services(root: Path) -> dict[str, Service]:
    """Read which services were started, in that order."""
    if not (root / STATE).is_file():
        return {}
    return {entry["name"]: Service(**entry) for entry in json.loads((root / STATE).read_text(encoding="utf-8"))}


def write_services(root: Path, services: Mapping[str, Service]) -> None:
    """Write which services were started."""
    write_text(root / STATE, json.dumps([asdict(service) for service in services.values()], indent=2) + "\n")
