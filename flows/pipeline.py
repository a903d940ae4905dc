"""The Prefect flow, derived from dvc.yaml: `python -m flows.pipeline [--applications NAME ...] [overrides]`.

There is one DAG, DVC's. The flow has a task per stage, which brings that stage up to date with
`dvc --wait-for-lock repro --single-item STAGE`: DVC decides what must run, versions and caches; Prefect schedules,
retries, fans out and shows. A failing stage stops only what is downstream of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import networkx as nx
from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.artifacts import write_text
from flows.cli import ERROR_FILE, plain_errors
from flows.compose import EXAMPLE, params_text
from flows.config import PARAMS
from flows.dvc_process import command
from flows.repro import environment, error_file, exclusive, said, show_and_publish
from flows.tracking import live

DAG = "dvc.yaml"
LOCK_ERRORS = ("Unable to acquire lock", "is busy, it is being blocked by")
"""What DVC says where another process holds the repository, or a path."""
WORKERS = max(1, min(4, os.cpu_count() or 1))
"""Stages at a time. Training spreads its trials over the cores by itself, so more would only cost memory."""
# Prefect declares the parameter invariant, so that none of its own runners fits it without the cast.
RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=WORKERS))


class StageError(RuntimeError):
    """A stage failed; the message is the stage's own, where it left one."""


class PipelineError(RuntimeError):
    """Stages failed; the message names each of them, and what was not run because of them."""


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


def run_command(root: Path, stage: str, env: Mapping[str, str], lock: int) -> tuple[int, list[str]]:
    """Bring one stage up to date; its output goes line by line to the run's log. Returns exit code and lines.

    DVC shares the run lock: where this process is killed, the next run waits until DVC has ended too.
    """
    logger = get_run_logger()
    lines: list[str] = []
    with subprocess.Popen(
        command("--wait-for-lock", "repro", "--quiet", "--single-item", stage),
        cwd=root,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[lock],
    ) as process:
        if process.stdout is not None:
            for line in process.stdout:
                if line.strip():
                    lines.append(line.rstrip())
                    logger.info("%s | %s", stage, line.rstrip())
    return process.returncode, lines


def stage_environment() -> dict[str, str]:
    """Return the environment of a stage among others: the cores are shared between them."""
    cores = max(1, (os.cpu_count() or 1) // WORKERS)
    # A log takes a line for every state of a progress bar: one in ten seconds is enough.
    return {"METAL_WORKERS": str(cores), "TQDM_MININTERVAL": "10", **environment()}


def is_locked(text: str) -> bool:
    """Say whether a message is about DVC's locks."""
    return any(words in text for words in LOCK_ERRORS)


def is_lock_error(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Say whether a failed task met DVC's lock: only that is worth another try, a failing stage fails again."""
    return is_locked(state.message or "")


@task(
    task_run_name="{stage}",
    retries=5,
    retry_delay_seconds=2,
    retry_jitter_factor=1,
    retry_condition_fn=is_lock_error,
    persist_result=False,
)
def bring_up_to_date(root: Path, stage: str, lock: int) -> float:
    """Bring one stage up to date and return the seconds it took. Raises StageError with the stage's message."""
    started = time.monotonic()
    with error_file() as errors:
        code, lines = run_command(root, stage, {**stage_environment(), ERROR_FILE: str(errors)}, lock)
        if code:
            locked = [line for line in lines if is_locked(line)]
            raise StageError(f"{stage}: {said(errors) or ' '.join(locked or lines[-1:]) or f'exit code {code}'}")
    return time.monotonic() - started


@flow(name="stages", task_runner=RUNNER, validate_parameters=False)
def run_stages(root: Path, lock: int) -> dict[str, float]:
    """Bring every stage up to date; return the seconds each took, 0 for those that already were.

    lock : descriptor of the run lock (see `flows.repro.exclusive`), which DVC's processes share
    Raises PipelineError after everything that could run has run.
    """
    logger = get_run_logger()
    plan = plan_stages(root)
    logger.info("%d of %d stages are up to date", len(plan.fresh), len(plan.upstream))
    futures: dict[str, PrefectFuture[float]] = {}
    for stage, upstream in plan.upstream.items():
        if stage not in plan.fresh:
            before = [futures[name] for name in upstream if name in futures]
            futures[stage] = bring_up_to_date.submit(root, stage, lock, return_state=False, wait_for=before)
    wait(list(futures.values()))
    failed = [str(future.result(raise_on_failure=False)) for future in futures.values() if future.state.is_failed()]
    skipped = [
        stage for stage, future in futures.items() if not future.state.is_completed() and not future.state.is_failed()
    ]
    if failed or skipped:
        raise PipelineError(failure_message(failed, skipped))
    return {stage: float(futures[stage].result()) if stage in futures else 0.0 for stage in plan.upstream}


def failure_message(failed: Sequence[str], skipped: Sequence[str]) -> str:
    """Say what failed and why, and what was not run because of it."""
    lines = [f"{len(failed)} stage(s) failed:", *(f"  {message}" for message in failed)]
    return "\n".join([*lines, *([f"not run, being downstream: {', '.join(skipped)}"] if skipped else [])])


@flow(name="metal", validate_parameters=False)
def pipeline(applications: Sequence[str] = (), overrides: Sequence[str] = (), root: Path = Path()) -> dict[str, float]:
    """Compose params.yaml where asked to, run every stage, print the comparison, publish to MLflow.

    applications : which of the applications to run; none stands for those of params.yaml
    overrides : Hydra overrides; with any of the two, params.yaml is composed anew
    root : the checkout
    Returns the seconds of each stage. Raises ConfigError for overrides that are wrong, PipelineError for failures.
    """
    started = time.time()
    chosen = [f"applications=[{','.join(applications)}]"] if applications else []
    with exclusive(root) as lock:
        if chosen or overrides:
            write_text(root / PARAMS, params_text([*overrides, *chosen]))
        with live(root):
            seconds = run_stages(root, lock)
        show_and_publish(root, started, {"prefect.flow_run": str(flow_run.id)})
    return seconds


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
