"""The monitor's run in MLflow, in an experiment of its own for each application."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from pathlib import Path

from flows.monitor.check import Outcome
from flows.monitor.report import source_table
from flows.provenance import origin
from flows.tracking import open_store


def experiment_name(application: str) -> str:
    """Return the name of the experiment that holds an application's drift."""
    return f"{application}-drift"


def log(root: Path, outcome: Outcome, folder: Path, params: Mapping[str, str]) -> str:
    """Write a run with the verdict, the rates and accuracies of every source and the files.

    Returns the address of its page below that of MLflow's pages.

    folder : holds the files
    Raises TrackingError for whatever MLflow cannot do.
    """
    from mlflow.entities import Metric, Param, RunTag

    with open_store(root) as store, store.alone():
        experiment = store.experiment(experiment_name(outcome.application))
        run = store.client.create_run(experiment, run_name=outcome.file)
        identifier = str(run.info.run_id)
        store.open.add(identifier)
        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, 0) for name, value in _metrics(outcome).items()]
        for start in range(0, len(metrics), 800):  # MLflow takes a thousand at once
            store.client.log_batch(identifier, metrics=metrics[start : start + 800])
        tags = {**origin(root), "verdict": outcome.verdict, "mlflow.note.content": "\n".join(outcome.reasons) or "ok"}
        about = {**params, "file": outcome.file, "sha256": outcome.sha256, "false_alarms": f"{outcome.false_alarms:g}"}
        store.client.log_batch(
            identifier,
            params=[Param(name, value) for name, value in about.items()],
            tags=[RunTag(*tag) for tag in tags.items()],
        )
        for file in sorted(folder.iterdir()):
            if file.is_file():
                store.client.log_artifact(identifier, str(file))
        store.client.set_terminated(identifier)
        store.open.discard(identifier)
    return f"#/experiments/{experiment}/runs/{identifier}"


def _metrics(outcome: Outcome) -> dict[str, float]:
    found = {
        "rows": float(outcome.new_rows),
        "drifted_sources": float(len({*outcome.voting, *outcome.judging, *outcome.silent, *outcome.failures})),
        "failed_expectations": float(len(outcome.checked.failures)),
    }
    if outcome.confidence is not None:
        found |= {"confidence/mean": outcome.confidence.new, "confidence/distance": outcome.confidence.distance}
    for row in source_table(outcome).to_dict(orient="records"):
        name = re.sub(r"[^\w.\- ]", "_", str(row["source"]))
        for key in ("coverage_new", "overlap_new", "conflict_new", "accuracy_new", "accuracy_z", "coverage_z"):
            if key in row and math.isfinite(row[key]):
                found[f"{key}/{name}"] = float(row[key])
    return found
