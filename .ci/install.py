"""Bring .venv in line with .requirements.lock: `python3 .ci/install.py` (standard library only).

The environment counts as installed when it holds a copy of the lock it was made from, which is written last: an
interrupted installation has none, and is made anew from scratch. A file lock lets a second caller wait for the first.
`--bench` adds the peers that the benchmarks compare with, of .requirements-bench.lock, in the same manner.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Each lock, and the copy of it that says that it is installed.
LOCK, STAMP = ROOT / ".requirements.lock", VENV / "installed.lock"
BENCH_LOCK, BENCH_STAMP = ROOT / ".requirements-bench.lock", VENV / "installed-bench.lock"


def installed(lock: Path = LOCK, stamp: Path = STAMP) -> bool:
    """Say whether the environment was made, to the end, from the present lock."""
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


def pip(*arguments: str) -> None:
    """Run the environment's `pip install`."""
    # Twice quiet: errors only, not one warning a package where an index is searched that does not hold it.
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([str(PYTHON), "-m", "pip", "install", *quiet, *arguments], check=True, cwd=ROOT)


def install() -> None:
    """Make the environment: the lock as it stands, then the project, which adds what only this platform needs."""
    started = announce(LOCK, "once, one to three minutes")
    if VENV.exists():
        shutil.rmtree(VENV)
    venv.create(VENV, with_pip=True)
    pip("--no-deps", "--requirement", str(LOCK))
    # With dependencies, so that a build of torch for an accelerator gets its libraries; all else is there already.
    pip("--no-build-isolation", "--constraint", str(LOCK), "--editable", ".[dev]")
    STAMP.write_bytes(LOCK.read_bytes())
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def install_bench() -> None:
    """Add the peers, which fit beside the lock: none of its packages moves."""
    started = announce(BENCH_LOCK, "once, for the benchmarks")
    pip("--no-deps", "--requirement", str(BENCH_LOCK))
    BENCH_STAMP.write_bytes(BENCH_LOCK.read_bytes())
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def announce(lock: Path, when: str) -> float:
    """Say what is about to be installed; return the time."""
    count = sum(1 for line in lock.read_text().splitlines() if line and not line.startswith("#"))
    print(f"Installing {count} packages into {VENV.name} ({when}) ...", flush=True)
    return time.monotonic()


def main() -> None:
    """Install where needed; one caller at a time."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"error: Python 3.11 or later is needed, this is {sys.version.split()[0]}; try: make PYTHON=python3.12"
        )
    bench = sys.argv[1:] == ["--bench"]
    if sys.argv[1:] and not bench:
        sys.exit(f"error: unknown arguments {sys.argv[1:]}; the only one is --bench")
    if installed() and (not bench or installed(BENCH_LOCK, BENCH_STAMP)):
        return
    if Path(sys.prefix) == VENV:  # called with the environment activated: what is to be made anew cannot make itself
        os.execv(sys._base_executable, [sys._base_executable, __file__, *sys.argv[1:]])  # type: ignore[attr-defined]  # noqa: S606
    with (ROOT / ".install.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if not installed():
                install()
            if bench and not installed(BENCH_LOCK, BENCH_STAMP):
                install_bench()
        except subprocess.CalledProcessError as error:
            sys.exit(
                f"error: installing failed (exit code {error.returncode}); pip's message stands above. "
                "Check that a package index can be reached, then run the same command again"
            )


if __name__ == "__main__":
    main()
