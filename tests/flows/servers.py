"""Servers as processes of their own, on ports of the loopback address that are free, and a browser to look at them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(command: Sequence[str], health: str, log: Path, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """Run a server until the body ends; it is up when `health` answers. All of its processes end with it."""
    with log.open("w") as said:
        process = subprocess.Popen(
            list(command), stdout=said, stderr=said, env={**os.environ, **(env or {})}, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 300
        while not answers(health):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.3)
        yield
    finally:
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(address: str) -> bool:
    """Tell whether an address answers with success."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def browse(address: str, folder: Path, name: str, patience: int = 60_000) -> str:
    """Return the page at an address as a headless browser shows it; its picture goes to `folder/name.png`.

    patience : milliseconds of the page's own time, which runs ahead while nothing is being loaded
    """
    assert CHROMIUM is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    options += [f"--virtual-time-budget={patience}", "--window-size=1500,1600", f"--user-data-dir={folder / 'browser'}"]
    picture = subprocess.run(
        [CHROMIUM, *options, f"--screenshot={folder / f'{name}.png'}", address],
        capture_output=True,
        timeout=300,
        check=True,
    )
    assert (folder / f"{name}.png").is_file(), picture.stderr.decode()
    shown = subprocess.run(
        [CHROMIUM, *options, "--dump-dom", address], capture_output=True, text=True, timeout=300, check=True
    )
    return shown.stdout
