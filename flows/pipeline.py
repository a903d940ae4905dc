"""The Prefect flow, derived from dvc.yaml: `python -m flows.pipeline [--applications NAME ...] [overrides]`.

There is one DAG, DVC's. The flow has a task per stage, which brings that stage up to date with
`dvc --wait-for-lock repro --single-item STAGE`: DVC decides what must run, versions and caches; Prefect schedules,
retries, fans out and shows. A failing stage stops only what is downstream of it. flows/deployments.py runs the same
stages where a server triggers them.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import networkx as nx
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff

from flows.artifacts import write_text
from flows.cli import ERROR_FILE, plain_errors
from flows.compose import EXAMPLE, params_text
from flows.config import PARAMS
from flows.dvc_process import Processes
from flows.live import live
from flows.repro import environment, error_file, said, show_and_publish
from flows.run_lock import exclusive
from flows.run_page import post_stage
from flows.show import duration

DAG = "dvc.yaml"
LOCK_ERRORS = ("Unable to acquire lock", "is busy, it is being blocked by")
"""What DVC says where another process holds the repository, or a path."""
NETWORK_ERRORS = re.compile(
    r"did not answer within|cannot be had: (?!HTTP Error 4)|broke off after|pip download .*failed"
)
"""What flows.fetch says where another try may bring the file; a missing or wrong file is said in other words."""
HINTS = (
    "Updating lock file",
    "Generating lock file",
    "To track the changes",
    "To enable auto",
    "git add",
    "dvc config",
)
"""How lines of DVC begin that are for a person at a terminal."""
RAN, CACHED = "Ran", "Cached"
"""The names of the states in which a stage's task completes."""
WORKERS = max(1, min(4, os.cpu_count() or 1))
"""Stages at a time. Training spreads its trials over the cores by itself, so more would only cost memory."""
# Prefect declares the parameter invariant, so that none of its own runners fits it without the cast.
RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=WORKERS))


class StageError(RuntimeError):
    """A stage failed; the message is the stage's own, where it left one."""


class PipelineError(RuntimeError):
    """Stages failed; the message names each of them, and what was not run because of them."""


@dataclass(frozen=True)
class Outcome:
    """What became of a stage that is up to date now: "Ran" or "Cached", and the seconds it took."""

    state: str
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What to run: every stage with the stages it depends on, in an order that respects them.

    `fresh` holds the stages that are up to date, and so is everything upstream of them.
    """

    upstream: Mapping[str, tuple[str, ...]]
    fresh: frozenset[str]


def plan_stages(root: Path) -> Plan:
    """Derive the plan from dvc.yaml and the state of the workspace."""
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        graph = repo.index.graph  # of every pipeline in the checkout, flows/figure4/dvc.yaml too
        own = {stage for stage in graph if stage.path_in_repo == DAG}
        graph = graph.subgraph(own.union(*(nx.descendants(graph, stage) for stage in own)))
        status = repo.status()
        # DVC's own addresses are relative to wherever this process stands.
        names = {stage: stage.name or stage.path_in_repo for stage in graph}
        changed = {name for stage, name in names.items() if stage.addressing in status}
    graph = nx.relabel_nodes(graph, names)
    order = list(nx.topological_sort(graph.reverse()))  # DVC's edges point from a stage to what it depends on
    stale = {stage for stage in order if stage in changed or changed & nx.descendants(graph, stage)}
    return Plan({stage: tuple(sorted(graph.successors(stage))) for stage in order}, frozenset(order) - stale)


def stage_environment() -> dict[str, str]:
    """Return the environment of a stage among others: the cores are shared between them."""
    cores = max(1, (os.cpu_count() or 1) // WORKERS)
    # A log takes a line for every state of a progress bar: one in ten seconds is enough.
    return {"METAL_WORKERS": str(cores), "TQDM_MININTERVAL": "10", **environment()}


def is_locked(text: str) -> bool:
    """Say whether a message is about DVC's locks."""
    return any(words in text for words in LOCK_ERRORS)


def may_pass(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Say whether a failed task is worth another try: a lock is given back, a network comes back; a stage fails again.

    Prefect asks it as a task's `retry_condition_fn`.
    """
    text = state.message or ""
    return is_locked(text) or NETWORK_ERRORS.search(text) is not None


@task(
    task_run_name="{stage}",
    retries=5,
    retry_delay_seconds=exponential_backoff(2),  # 2, 4, 8, 16, 32 seconds
    retry_jitter_factor=1,
    retry_condition_fn=may_pass,
    persist_result=False,
    cache_policy=NO_CACHE,
)
def bring_up_to_date(processes: Processes, stage: str, fresh: bool) -> State[Outcome]:
    """Bring one stage up to date; the task ends as "Ran", or as "Cached" where DVC had the outputs.

    fresh : whether it is up to date already
    Raises StageError with the stage's message.
    """
    if fresh:
        post_stage(processes.root, stage)
        return Completed(name=CACHED, message="up to date in the workspace", data=Outcome(CACHED, 0.0))
    logger = get_run_logger()
    lines: list[str] = []

    def tell(line: str) -> None:
        lines.append(line)
        if not line.lstrip().startswith(HINTS):
            logger.info("%s | %s", stage, line)

    started = time.monotonic()
    try:
        with error_file() as errors:
            env = {**stage_environment(), ERROR_FILE: str(errors)}
            code = processes.run("--wait-for-lock", "repro", "--single-item", stage, env=env, on_line=tell)
            if code:
                locked = [line for line in lines if is_locked(line)]
                raise StageError(f"{stage}: {said(errors) or ' '.join(locked or lines[-1:]) or f'exit code {code}'}")
    except InterruptedError as stopped:
        return Cancelled(message=str(stopped))
    finally:
        post_stage(processes.root, stage)
    seconds = time.monotonic() - started
    if any(line.startswith("Running stage ") for line in lines):
        return Completed(name=RAN, message=f"ran in {duration(seconds)}", data=Outcome(RAN, seconds))
    return Completed(name=CACHED, message="outputs are from DVC's cache", data=Outcome(CACHED, seconds))


def run_stages(processes: Processes) -> dict[str, Outcome]:
    """Bring every stage up to date, each as a task of the flow that calls this; return what became of each.

    Where the flow is cancelled or interrupted, the processes of its stages are ended before it is.
    Raises PipelineError after everything that could run has run.
    """
    plan = plan_stages(processes.root)
    get_run_logger().info("%d of %d stages are up to date", len(plan.fresh), len(plan.upstream))
    futures: dict[str, PrefectFuture[Any]] = {}
    try:
        for stage, upstream in plan.upstream.items():
            before = [futures[name] for name in upstream]
            futures[stage] = bring_up_to_date.submit(
                processes, stage, stage in plan.fresh, return_state=False, wait_for=before
            )
        wait(list(futures.values()))
    except BaseException:
        processes.stop()
        raise
    failed = [str(future.result(raise_on_failure=False)) for future in futures.values() if future.state.is_failed()]
    skipped = [
        stage for stage, future in futures.items() if not future.state.is_completed() and not future.state.is_failed()
    ]
    if failed or skipped:
        raise PipelineError(failure_message(failed, skipped))
    return {stage: future.result() for stage, future in futures.items()}


def failure_message(failed: Sequence[str], skipped: Sequence[str]) -> str:
    """Say what failed and why, and what was not run because of it."""
    lines = [f"{len(failed)} stage(s) failed:", *(f"  {message}" for message in failed)]
    return "\n".join([*lines, *([f"not run, being downstream: {', '.join(skipped)}"] if skipped else [])])


@flow(name="metal-here", task_runner=RUNNER, validate_parameters=False)
def pipeline(
    applications: Sequence[str] = (), overrides: Sequence[str] = (), root: Path = Path()
) -> dict[str, Outcome]:
    """Compose params.yaml where asked to, run every stage, print the comparison, publish to MLflow.

    applications : which of the applications to run; none stands for those of params.yaml
    overrides : Hydra overrides; with any of the two, params.yaml is composed anew
    root : the checkout
    Returns what became of each stage. Raises ConfigError for overrides that are wrong, PipelineError for failures.
    """
    started = time.time()
    chosen = all_overrides(applications, overrides)
    with exclusive(root) as lock:
        if chosen:
            write_text(root / PARAMS, params_text(chosen))
        with live(root):
            outcomes = run_stages(Processes(root, lock))
        show_and_publish(root, started, {"prefect.flow_run": str(flow_run.id)})
    return outcomes


def all_overrides(applications: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """Return the overrides with the one that says which applications to run; empty if there is nothing to override."""
    return [*overrides, *([f"applications=[{','.join(applications)}]"] if applications else [])]


def main() -> None:
    """Run the flow here; nothing but this machine is needed."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.pipeline", description="Run the pipeline of dvc.yaml as a Prefect flow."
    )
    parser.add_argument("--applications", nargs="+", default=[], help="run these only (default: those of params.yaml)")
    parser.add_argument("overrides", nargs="*", help=f"Hydra overrides, e.g. {EXAMPLE}")
    arguments = parser.parse_args()
    with plain_errors():
        pipeline(arguments.applications, arguments.overrides)


if __name__ == "__main__":
    main()
