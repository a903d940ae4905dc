"""The monitor as a Prefect flow: by `python -m flows.monitor` here, or triggered as the deployment in prefect.yaml."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from flows.artifacts import DATA, atomic_directory, write_json, write_text
from flows.monitor.check import FALSE_ALARMS, Outcome, compare
from flows.monitor.inputs import (
    METHOD,
    Floats,
    NewVotes,
    Snapshot,
    read_confidences,
    read_new,
    read_snapshot,
    reference_confidences,
)
from flows.monitor.report import as_json, html, source_table
from flows.monitor.track import log
from flows.run_lock import exclusive
from flows.run_page import forget_pages, key, post_links
from flows.serve import PAGES, PAGES_ADDRESS
from flows.tracking import pages
from flows.tracking_place import TrackingError
from metal.drift import REFITS


class DriftError(RuntimeError):
    """The verdict is not "ok", and that was to be a failure; the message says why."""


@task(task_run_name="vote", cache_policy=NO_CACHE, persist_result=False)
def vote(snapshot: Snapshot, file: Path) -> NewVotes:
    """Let the sources vote on the new examples."""
    return read_new(snapshot, file)


@task(task_run_name="compare and write", cache_policy=NO_CACHE, persist_result=False)
def write(
    snapshot: Snapshot,
    new: NewVotes,
    out: Path,
    confidences: tuple[Floats, Floats] | None,
    false_alarms: float,
    refits: int,
    seed: int,
) -> Outcome:
    """Compare with training and write drift.json, sources.csv, index.html and Great Expectations' pages into `out`."""
    with atomic_directory(out) as folder:
        outcome = compare(
            snapshot, new, folder / "docs", confidences=confidences, false_alarms=false_alarms, refits=refits, seed=seed
        )
        write_json(folder / "drift.json", as_json(outcome))
        write_text(folder / "sources.csv", source_table(outcome).to_csv(index=False, lineterminator="\n"))
        write_text(folder / "index.html", html(outcome))
    return outcome


@task(task_run_name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish(root: Path, outcome: Outcome, out: Path, refits: int, seed: int) -> str | None:
    """Log the outcome to MLflow; return the address of the run's page below MLflow's.

    Trouble with MLflow is a warning, the files are there.
    """
    try:
        return log(root, outcome, out, {"refits": str(refits), "seed": str(seed), "folder": str(out)})
    except (TrackingError, OSError) as error:
        print(f"warning: not logged to MLflow: {' '.join(str(error).split())}", file=sys.stderr)
        return None


def usual_folder(root: Path, application: str) -> Path:
    """Return where results go unless told otherwise: of a triggered run, among the pages that runs leave."""
    if PAGES_ADDRESS in os.environ:
        return root / PAGES / str(flow_run.id) / f"drift-{application}"
    return root / DATA / "monitor" / application


def show(root: Path, application: str, folder: Path, page: str | None) -> None:
    """Link a triggered run's page to the results, where they are among the pages that runs leave, and to MLflow."""
    if PAGES_ADDRESS not in os.environ:
        return
    if folder == usual_folder(root, application):
        address = f"{os.environ[PAGES_ADDRESS]}/{folder.relative_to(root / PAGES)}/index.html"
        post_links({f"Drift of {application}": address})
        forget_pages(root / PAGES)
    if page is not None:
        post_links({f"MLflow drift of {application}": f"{pages(root)}/{page}"})


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
    out : folder for the results; None: data/monitor/APPLICATION, of a triggered run among the pages that runs leave
    false_alarms, refits, seed : see `flows.monitor.check.compare`
    fail_on_drift : raise DriftError on anything but "ok", after all is written

    Raises MonitorError for input that is missing, empty or of another form, and as `compare`.
    """
    with exclusive(root):  # a run under way replaces votes and models one by one
        snapshot = read_snapshot(root, application)
        given = None
        if confidences is not None:
            reference = reference_confidences(root, snapshot.application.name, supervision, trial)
            given = reference, read_confidences(confidences)
    folder = usual_folder(root, application) if out is None else out
    new = vote(snapshot, file)
    outcome = write(snapshot, new, folder, given, false_alarms, refits, seed)
    page = publish(root, outcome, folder, refits, seed)
    show(root, application, folder, page)
    said = [f"{application}: {outcome.verdict}", *(f"- {reason}" for reason in outcome.reasons)]
    create_markdown_artifact("\n".join(["### " + said[0], *said[1:]]), key=key(f"verdict-{application}"))
    for line in said:
        get_run_logger().info(line)
    if fail_on_drift and outcome.verdict != "ok":
        raise DriftError(f"{said[0]}: {'; '.join(outcome.reasons)}. See {folder / 'index.html'}")
    return outcome.verdict
