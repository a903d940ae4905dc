"""The Prefect flow against a small DAG in a temporary checkout: order, failure, no needless runs."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.states import Failed
from prefect.testing.utilities import prefect_test_harness

from flows.dvc_process import Processes
from flows.fetch import FetchError, fetch_from_wheel, fetch_url
from flows.pipeline import LOCK_ERRORS, RUNNER, Outcome, PipelineError, may_pass, plan_stages, run_stages
from flows.run_lock import exclusive
from tests.flows.small_pipeline import ran, small_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return small_checkout(tmp_path)


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@flow(task_runner=RUNNER, validate_parameters=False)
def run_flow(checkout: Path) -> dict[str, Outcome]:
    with exclusive(checkout) as lock:
        return run_stages(Processes(checkout, lock))


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
