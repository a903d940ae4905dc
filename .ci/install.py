"""Bring .venv in line with .requirements.lock: `python3 .ci/install.py` (standard library only).

The environment counts as installed when it holds a copy of the lock it was made from, which is written last: an
interrupted installation has none, and is made anew from scratch. A file lock lets a second caller wait for the first.
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
LOCK = ROOT / ".requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "installed.lock"
PYTHON = VENV / "bin" / "python"


def installed() -> bool:
    """Say whether the environment was made, to the end, from the present lock."""
    return STAMP.is_file() and STAMP.read_bytes() == LOCK.read_bytes()


def install() -> None:
    """Make the environment: the lock as it stands, then the project, which adds what only this platform needs."""
    started = time.monotonic()
    count = sum(1 for line in LOCK.read_text().splitlines() if line and not line.startswith("#"))
    print(f"Installing {count} packages into {VENV.name} (once, one to three minutes) ...", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    venv.create(VENV, with_pip=True)
    # Twice quiet: errors only, not one warning a package where an index is searched that does not hold it.
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "--no-deps", "--requirement", str(LOCK)], check=True, cwd=ROOT)
    # With dependencies, so that a build of torch for an accelerator gets its libraries; all else is there already.
    project = ["--no-build-isolation", "--constraint", str(LOCK), "--editable", ".[dev]"]
    subprocess.run([*pip, *project], check=True, cwd=ROOT)
    STAMP.write_bytes(LOCK.read_bytes())
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def main() -> None:
    """Install where needed; one caller at a time."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"error: Python 3.11 or later is needed, this is {sys.version.split()[0]}; try: make PYTHON=python3.12"
        )
    if installed():
        return
    if Path(sys.prefix) == VENV:  # called with the environment activated: what is to be made anew cannot make itself
        os.execv(sys._base_executable, [sys._base_executable, __file__])  # type: ignore[attr-defined]  # noqa: S606
    with (ROOT / ".install.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if installed():
            return
        try:
            install()
        except subprocess.CalledProcessError as error:
            sys.exit(
                f"error: installing failed (exit code {error.returncode}); pip's message stands above. "
                "Check that a package index can be reached, then run the same command again"
            )


if __name__ == "__main__":
    main()
