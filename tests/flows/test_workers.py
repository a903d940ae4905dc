"""Jobs in worker processes: order, progress, failures, and no worker that outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows.workers import Send, WorkerError, run_parallel, worker_count


def square(job: int, send: Send) -> int:
    send(f"squaring {job}")
    return job * job


def fail_on_three(job: int, send: Send) -> int:
    if job == 3:
        raise ValueError("three is not wanted")
    return job


def die_on_two(job: int, send: Send) -> int:
    if job == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def report_forever(job: str, send: Send) -> None:
    Path(job).write_text(str(os.getpid()))
    while True:
        send("alive")
        time.sleep(0.05)


def test_results_come_in_the_order_of_the_jobs_and_messages_reach_the_parent() -> None:
    heard: list[tuple[int, str]] = []
    results = run_parallel(square, range(5), workers=2, on_message=lambda job, said: heard.append((job, said)))
    assert results == [0, 1, 4, 9, 16]
    assert sorted(heard) == [(job, f"squaring {job}") for job in range(5)]


def test_without_jobs_there_is_nothing_to_do() -> None:
    assert run_parallel(square, [], workers=2, on_message=lambda job, said: None) == []


def test_a_failing_job_stops_the_others_with_its_message() -> None:
    with pytest.raises(WorkerError, match="three is not wanted"):
        run_parallel(fail_on_three, range(5), workers=2, on_message=lambda job, said: None)


def test_a_killed_worker_is_an_error_that_names_job_and_signal() -> None:
    with pytest.raises(WorkerError, match=r"worker process on 2 ended with exit code -9"):
        run_parallel(die_on_two, range(4), workers=1, on_message=lambda job, said: None)


def test_workers_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "from tests.flows.test_workers import report_forever\n"
        "from flows.workers import run_parallel\n"
        "if __name__ == '__main__':\n"
        f"    run_parallel(report_forever, [{str(tmp_path / 'pid')!r}], workers=1, on_message=lambda job, said: None)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, str(script)], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    deadline = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker = int((tmp_path / "pid").read_text())
    assert psutil.pid_exists(worker)
    parent.kill()
    parent.wait()
    while psutil.pid_exists(worker) and psutil.Process(worker).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_number_of_workers_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METAL_WORKERS", "3")
    assert worker_count() == 3
    monkeypatch.delenv("METAL_WORKERS")
    assert worker_count() == os.cpu_count()
    for wrong in ("0", "-1", "many", ""):
        monkeypatch.setenv("METAL_WORKERS", wrong)
        with pytest.raises(ValueError, match="METAL_WORKERS="):
            worker_count()
