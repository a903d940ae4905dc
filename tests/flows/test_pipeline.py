"""The Prefect flow against a small DAG in a temporary checkout: order, failure, no needless runs."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from prefect import flow
from prefect.states import Failed
from prefect.testing.utilities import prefect_test_harness

from flows import cli
from flows.cli import INTERRUPTED
from flows.config import Config
from flows.dvc_process import Processes
from flows.fetch import FetchError, fetch_from_wheel, fetch_url
from flows.pipeline import LOCK_ERRORS, RUNNER, Outcome, PipelineError, may_pass, plan_stages, run_stages
from flows.repro import ReproError, reproduce
from flows.run_lock import exclusive, forget_the_dead
from tests.local_imports import ROOT

# Two applications; each has a first and a second stage, and one stage reads what all of them wrote. A first stage
# fails where a file of that name says so. Every run of a stage adds a line to ran.txt, outside of DVC's sight.
DAG = """
stages:
  first:
    matrix:
      application: [cats, dogs]
    cmd: python step.py first ${item.application} out/first/${item.application}
    deps: [step.py]
    outs: ["out/first/${item.application}"]
  second:
    matrix:
      application: [cats, dogs]
    cmd: python step.py second ${item.application} out/second/${item.application}
    deps: [step.py, "out/first/${item.application}"]
    outs: ["out/second/${item.application}"]
  last:
    cmd: python step.py last all out/last
    deps: [step.py, out/second]
    outs: [out/last]
"""

STEP = """
import sys
import time
from pathlib import Path
from flows.cli import end_with_parent, report
end_with_parent()
stage, application, out = sys.argv[1:]
with Path("ran.txt").open("a") as file:
    file.write(f"{stage} {application}\\n")
if stage == "first" and Path(f"{application}.fails").exists():
    report(f"error: the {application} are out\\nof the house")
    sys.exit(1)
Path(out).parent.mkdir(parents=True, exist_ok=True)
if stage == "second" and Path(f"{application}.stalls").exists():
    Path(out).write_text("half")
    Path("stalled").touch()
    time.sleep(60)
Path(out).write_text(f"{stage} {application}")
"""

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
    """A git and DVC repository with the DAG above."""
    (tmp_path / "dvc.yaml").write_text(DAG)
    (tmp_path / "step.py").write_text(STEP)
    (tmp_path / ".gitignore").write_text("/out/\n/ran.txt\n*.fails\n*.stalls\n/stalled\n")
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@flow(task_runner=RUNNER, validate_parameters=False)
def run_flow(checkout: Path) -> dict[str, Outcome]:
    with exclusive(checkout) as lock:
        return run_stages(Processes(checkout, lock))


def ran(checkout: Path) -> list[str]:
    file = checkout / "ran.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def test_the_plan_follows_the_dag_and_the_state_of_the_workspace(checkout: Path) -> None:
    plan = plan_stages(checkout)

    assert dict(plan.upstream) == {
        "first@cats": (),
        "first@dogs": (),
        "second@cats": ("first@cats",),
        "second@dogs": ("first@dogs",),
        "last": ("second@cats", "second@dogs"),
    }
    order = list(plan.upstream)
    assert all(order.index(before) < order.index(stage) for stage, early in plan.upstream.items() for before in early)
    assert plan.fresh == frozenset()


@pytest.mark.usefixtures("prefect_server")
def test_a_failure_stops_what_is_downstream_and_nothing_else(checkout: Path) -> None:
    (checkout / "dogs.fails").touch()

    with pytest.raises(PipelineError) as failure:
        run_flow(checkout)

    # A failing stage is not tried again; the cats go on to their end.
    assert sorted(ran(checkout)) == ["first cats", "first dogs", "second cats"]
    assert str(failure.value).splitlines()[0] == "1 stage(s) failed:"
    assert "first@dogs: the dogs are out\nof the house" in str(failure.value)
    assert str(failure.value).splitlines()[-1] == "not run, being downstream: second@dogs, last"

    (checkout / "dogs.fails").unlink()
    outcomes = run_flow(checkout)

    assert ran(checkout) == ["first dogs", "second dogs", "last all"]
    assert {stage: outcome.state for stage, outcome in outcomes.items()} == {
        "first@cats": "Cached",
        "second@cats": "Cached",
        "first@dogs": "Ran",
        "second@dogs": "Ran",
        "last": "Ran",
    }
    assert outcomes["first@cats"].seconds == 0.0
    assert (checkout / "out" / "last").read_text() == "last all"
    # All of it is DVC's: nothing is left to do for dvc repro either.
    assert plan_stages(checkout).fresh == frozenset(outcomes)
    subprocess.run([sys.executable, "-m", "dvc", "repro", "--quiet"], cwd=checkout, check=True)
    assert ran(checkout) == []


@pytest.mark.usefixtures("prefect_server")
def test_a_stage_whose_outputs_are_in_the_cache_is_told_from_one_that_ran(checkout: Path) -> None:
    run_flow(checkout)
    (checkout / "dvc.lock").unlink()
    shutil.rmtree(checkout / "out")
    ran(checkout)

    outcomes = run_flow(checkout)

    assert ran(checkout) == []
    assert {outcome.state for outcome in outcomes.values()} == {"Cached"}
    assert (checkout / "out" / "last").read_text() == "last all"


def failed(message: str) -> Any:
    return Failed(message=f"StageError: x: error: {message}")


def test_only_locks_and_the_network_are_worth_another_try() -> None:
    for words in LOCK_ERRORS:
        assert may_pass(None, None, failed(words))
    for words in (
        "the dogs are out",
        "no file of corpus 'fewnerd' is named",
        "x is not the published file: its 3 bytes",
    ):
        assert not may_pass(None, None, failed(words))


def test_what_fetching_says_of_the_network_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listening
        port = taken.getsockname()[1]
        with pytest.raises(FetchError) as refused:
            fetch_url(f"http://127.0.0.1:{port}/x", tmp_path / "x", "0" * 64, timeout=5)
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
        with pytest.raises(FetchError) as no_index:
            fetch_from_wheel("metal-no-such==1", "x", tmp_path / "x", "0" * 64)

    assert may_pass(None, None, failed(str(refused.value)))
    assert may_pass(None, None, failed(str(no_index.value)))
    assert not may_pass(None, None, failed("http://x cannot be had: HTTP Error 404: Not Found"))


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
