"""The monitor as a Prefect flow: by `python -m flows.monitor` here, or triggered as a deployment.

The deployment's entry point is `flows/monitor/flow.py:monitor`; `fail_on_drift` makes a run fail on anything but "ok",
so that an automation on failed runs tells people.
"""

from __future__ import annotations

import sys
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.artifacts import DATA, atomic_directory, write_json, write_text
from flows.monitor.check import FALSE_ALARMS, Outcome, compare
from flows.monitor.inputs import (
    METHOD,
    NewVotes,
    Snapshot,
    read_confidences,
    read_new,
    read_snapshot,
    reference_confidences,
)
from flows.monitor.report import as_json, html, source_table
from flows.monitor.track import log
from flows.tracking import TrackingError
from metal.drift import REFITS


class DriftError(RuntimeError):
    """The verdict is not "ok", and that was to be a failure; the message says why."""


@task(task_run_name="vote", cache_policy=NO_CACHE, persist_result=False)
def vote(snapshot: Snapshot, file: Path) -> NewVotes:
    """Let the sources vote on the new examples."""
    return read_new(snapshot, file)


@task(task_run_name="compare and write", cache_policy=NO_CACHE, persist_result=False)
def write(
    root: Path,
    snapshot: Snapshot,
    new: NewVotes,
    out: Path,
    confidences: Path | None,
    supervision: str,
    trial: int | None,
    false_alarms: float,
    refits: int,
    seed: int,
) -> Outcome:
    """Compare with training and write drift.json, sources.csv, index.html and Great Expectations' pages into `out`."""
    given = None
    if confidences is not None:
        reference = reference_confidences(root, snapshot.application.name, supervision, trial)
        given = reference, read_confidences(confidences)
    with atomic_directory(out) as folder:
        outcome = compare(
            snapshot, new, folder / "docs", confidences=given, false_alarms=false_alarms, refits=refits, seed=seed
        )
        write_json(folder / "drift.json", as_json(outcome))
        write_text(folder / "sources.csv", source_table(outcome).to_csv(index=False, lineterminator="\n"))
        write_text(folder / "index.html", html(outcome))
    return outcome


@task(task_run_name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish(root: Path, outcome: Outcome, out: Path, refits: int, seed: int) -> None:
    """Log the outcome to MLflow; trouble with it is a warning, the files are there."""
    try:
        log(root, outcome, out, {"refits": str(refits), "seed": str(seed), "folder": str(out)})
    except (TrackingError, OSError) as error:
        print(f"warning: not logged to MLflow: {' '.join(str(error).split())}", file=sys.stderr)


@flow(name="monitor")
def monitor(
    application: str,
    file: Path,
    confidences: Path | None = None,
    supervision: str = METHOD,
    trial: int | None = None,
    out: Path | None = None,
    false_alarms: float = FALSE_ALARMS,
    refits: int = REFITS,
    seed: int = 0,
    fail_on_drift: bool = False,
    root: Path = Path(),
) -> str:
    """Compare new examples with an application's training snapshot; return "ok", "drift" or "broken".

    file : Parquet table of the new examples
    confidences : Parquet table with a column `probability`, the end model's of what it says of them, as `flows.score`
        writes; None compares none
    supervision, trial : the end model that gave them: what it was trained on, and its seed
    out : folder for the results; None: data/monitor/APPLICATION
    false_alarms, refits, seed : see `flows.monitor.check.compare`
    fail_on_drift : raise DriftError on anything but "ok", after all is written

    Raises MonitorError for input that is missing, empty or of another form, and as `compare`.
    """
    snapshot = read_snapshot(root, application)
    folder = root / DATA / "monitor" / application if out is None else out
    new = vote(snapshot, file)
    outcome = write(root, snapshot, new, folder, confidences, supervision, trial, false_alarms, refits, seed)
    publish(root, outcome, folder, refits, seed)
    said = [f"{application}: {outcome.verdict}", *(f"- {reason}" for reason in outcome.reasons)]
    create_markdown_artifact("\n".join(["### " + said[0], *said[1:]]), key=f"drift-{application}".replace("_", "-"))
    for line in said:
        get_run_logger().info(line)
    if fail_on_drift and outcome.verdict != "ok":
        raise DriftError(f"{said[0]}: {'; '.join(outcome.reasons)}. See {folder / 'index.html'}")
    return outcome.verdict
