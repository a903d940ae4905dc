"""Runs that are killed, interrupted, at once with others, or fail: in a checkout with a small DAG."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from flows import cli
from flows.cli import INTERRUPTED
from flows.config import Config
from flows.repro import ReproError, reproduce
from flows.run_lock import exclusive, forget_the_dead
from tests.flows.small_pipeline import ran, small_checkout
from tests.local_imports import ROOT

EVERYTHING = ["first cats", "first dogs", "last all", "second cats", "second dogs"]
# What `make repro` runs, but for what comes after the stages.
MAIN_JOB = """
from pathlib import Path
from flows import repro, run_lock
with run_lock.exclusive(Path()) as lock:
    repro.reproduce(Path(), lock)
"""
REPRO = [sys.executable, "-c", MAIN_JOB]
PATIENCE = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120"}
FLOW = """
from pathlib import Path
from prefect import flow
from prefect.states import Failed
from flows import dvc_process, pipeline, run_lock
with run_lock.exclusive(Path()) as lock:
    flow(pipeline.run_stages, validate_parameters=False)(dvc_process.Processes(Path(), lock))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return small_checkout(tmp_path)


def test_a_run_that_was_killed_is_taken_up_where_it_stood(checkout: Path) -> None:
    """kill -9 for DVC and its stage, which has written half of its output: the rerun writes all of it."""
    (checkout / "cats.stalls").touch()
    with subprocess.Popen(REPRO, cwd=checkout, start_new_session=True, stdout=subprocess.DEVNULL) as run:
        while not (checkout / "stalled").exists():
            assert run.poll() is None
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
    assert (checkout / "out" / "second" / "cats").read_text() == "half"
    finished = ran(checkout)
    assert finished[-1] == "second cats"
    (checkout / "cats.stalls").unlink()

    subprocess.run(REPRO, cwd=checkout, check=True, stdout=subprocess.DEVNULL)

    assert (checkout / "out" / "second" / "cats").read_text() == "second cats"
    # What was finished is not run again; DVC notes a stage when it has ended.
    assert sorted(ran(checkout)) == sorted({*EVERYTHING} - {*finished} | {"second cats"})


@pytest.mark.parametrize("code", [MAIN_JOB, FLOW], ids=["main job", "flow"])
def test_dvc_and_its_step_end_with_a_run_that_was_killed_alone(checkout: Path, tmp_path: Path, code: str) -> None:
    """kill -9 for the run, not for what it started: the rerun needs nobody to remove DVC's locks by hand."""
    (checkout / "cats.stalls").touch()
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path / "prefect"), "PYTHONPATH": str(ROOT), **PATIENCE}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=checkout,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        while not (checkout / "stalled").exists():
            assert run.poll() is None
            time.sleep(0.05)
        started = [child for child in psutil.Process(run.pid).children(recursive=True) if "repro" in child.cmdline()]
        run.kill()
    try:
        assert started
        (checkout / "cats.stalls").unlink()

        subprocess.run(REPRO, cwd=checkout, check=True, stdout=subprocess.DEVNULL, timeout=120)

        assert not [child for child in started if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
        assert (checkout / "out" / "second" / "cats").read_text() == "second cats"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)  # Prefect's own server


def test_ctrl_c_ends_the_main_job_with_one_line(checkout: Path) -> None:
    (checkout / "cats.stalls").touch()
    # Where the tests themselves run in a shell's background, SIGINT is ignored, and so is it in what they start.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from flows.repro import main; main()"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "METAL_LIVE": "0"}
    with subprocess.Popen(
        command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as run:
        while not (checkout / "stalled").exists():
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert run.stderr is not None
        said = run.stderr.read()

    assert run.returncode == 130, said
    assert said.splitlines()[-1] == INTERRUPTED
    assert "Traceback" not in said


def test_ctrl_c_ends_a_step_without_a_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def step(arguments: argparse.Namespace, config: Config) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["summarize"])
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        cli.run(step, application=False, description="A step")

    assert ended.value.code == 130
    assert capsys.readouterr().err == ""


def test_two_runs_at_once_wait_for_each_other(checkout: Path) -> None:
    """The second finds everything done by the first."""
    runs = [subprocess.Popen(REPRO, cwd=checkout, stdout=subprocess.DEVNULL) for _ in range(2)]

    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    assert sorted(ran(checkout)) == EVERYTHING
    assert (checkout / "out" / "last").read_text() == "last all"


def test_a_failing_stage_has_the_last_word(checkout: Path) -> None:
    """DVC ends with its own words; the main job repeats the stage's, which `flows.cli` leaves in a file."""
    failing = ["from flows.cli import report", 'report("error: the mice are out")', "raise SystemExit(1)"]
    (checkout / "step.py").write_text("\n".join(failing))

    with pytest.raises(ReproError, match=r"^the mice are out$"), exclusive(checkout) as lock:
        reproduce(checkout, lock)


def test_locks_of_the_dead_are_forgotten_and_those_of_the_living_kept(checkout: Path) -> None:
    locks = checkout / ".dvc" / "tmp" / "rwlock"
    locks.parent.mkdir(exist_ok=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        locks.write_text(json.dumps({"write": {"/out": {"pid": process.pid, "cmd": "dvc repro"}}, "read": {}}))
        forget_the_dead(locks)
        assert locks.exists()

        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, but not reaped: a zombie
        forget_the_dead(locks)
        assert not locks.exists()
