"""Measurements in processes of their own: one thread each, and a peak memory that is nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class ChildFailedError(RuntimeError):
    """A measurement did not come to its end; the message says why."""


def run_child(module: str, arguments: Sequence[str], *, timeout: float) -> dict[str, Any]:
    """Run `python -m MODULE ARGUMENTS RESULT` on one thread and return the JSON object it writes to RESULT.

    Raises ChildFailedError where it fails, or takes longer than `timeout` seconds.
    """
    environment = os.environ | dict.fromkeys(THREADS, "1") | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", module, *arguments, str(result)]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise ChildFailedError(f"over {timeout:g} s") from None
        if done.returncode == -9:
            raise ChildFailedError("killed, most likely for want of memory")
        if done.returncode or not result.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise ChildFailedError(f"exit code {done.returncode}: {last}")
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found


def write_result(path: str, result: Mapping[str, Any]) -> None:
    """Write what `run_child` returns."""
    Path(path).write_text(json.dumps(dict(result)), encoding="utf-8")


def peak_memory() -> float:
    """Return this process's peak resident memory in MB.

    On Linux of the program since it started: what `getrusage` says includes the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1e3
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
