"""Runs in MLflow: created once, found again by the hash of their content, adopted from live curves.

Tags: `metal.supervision` and `metal.seed` say which trial a run is of; `metal.training` says on which machine and in
which folder it was trained; `metal.key` is the hash of its content, missing while it is unfinished; `metal.files` is
the hash of the files logged with it; `metal.current` is "yes" on the runs of the latest published results.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from socket import gethostname

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag
from mlflow.utils.mlflow_tags import (
    MLFLOW_DATASET_CONTEXT,
    MLFLOW_EXPERIMENT_PRIMARY_METRIC_GREATER_IS_BETTER,
    MLFLOW_EXPERIMENT_PRIMARY_METRIC_NAME,
    MLFLOW_PARENT_RUN_ID,
    MLFLOW_RUN_NOTE,
)

from flows.place import KEY, Place
from flows.provenance import DataSet
from flows.records import Group, Record
from flows.run_lock import under_way

BATCH = 800
"""How many metrics are written at once; MLflow takes 1000 metrics, parameters and tags together."""

EXPERIMENT = {
    "mlflow.experimentKind": "custom_model_development",  # else the pages open for traces of language models
    MLFLOW_EXPERIMENT_PRIMARY_METRIC_NAME: "test/micro_accuracy",
    MLFLOW_EXPERIMENT_PRIMARY_METRIC_GREATER_IS_BETTER: "True",
}
"""What MLflow's pages want to know of every experiment."""


class Store(Place):
    """The runs of trainings and their results at a place.

    uri, root, artifacts : of the place
    training : the checkout, or a triggered run's working copy, whose trainings are followed and published
    """

    def __init__(self, uri: str, root: Path, artifacts: Path | None, training: Path) -> None:
        super().__init__(uri, root, artifacts)
        self.training = f"{gethostname()}:{training.resolve()}"

    # --- publishing ---------------------------------------------------------------------------------------------------

    def publish(self, groups: Sequence[Group], descriptions: Mapping[str, str]) -> dict[str, str]:
        """Make MLflow hold a run for every record, once; return experiment ids by application.

        descriptions : of the experiments, in Markdown, by application

        Runs of earlier results stay, marked as not current. Unfinished runs of the same trials, from live curves or a
        publishing that was killed, become the published run where they agree with it and are deleted otherwise, except
        where a training under way elsewhere fills them.
        """
        experiments: dict[str, str] = {}
        with self.alone():
            for application in dict.fromkeys(group.parent.application for group in groups):
                experiment = experiments[application] = self.experiment(application)
                runs = self.search(experiment)
                known = {run.data.tags[KEY]: run for run in runs if KEY in run.data.tags}
                unfinished: dict[tuple[str, str], list[Run]] = {}
                for run in runs:
                    if self.may_take(run) and "metal.seed" in run.data.tags:
                        unfinished.setdefault(trial_of(run), []).append(run)
                current: set[str] = set()
                for group in (group for group in groups if group.parent.application == application):
                    parent = self.ensure(group.parent, None, experiment, known, unfinished, group.files)
                    current.add(parent)
                    for record in group.children:
                        current.add(self.ensure(record, parent, experiment, known, unfinished))
                self.mark(experiment, current)
                self.describe(experiment, {**EXPERIMENT, MLFLOW_RUN_NOTE: descriptions[application]})
        return experiments

    def describe(self, experiment: str, tags: Mapping[str, str]) -> None:
        """Tag an experiment, unless it has these tags."""
        known = self.client.get_experiment(experiment).tags
        for name, value in tags.items():
            if known.get(name) != value:
                self.client.set_experiment_tag(experiment, name, value)

    def ensure(
        self,
        record: Record,
        parent: str | None,
        experiment: str,
        known: Mapping[str, Run],
        unfinished: Mapping[tuple[str, str], list[Run]],
        files: Sequence[Path] = (),
    ) -> str:
        """Return the id of the record's run below `parent`; it is written now if there is none."""
        rest = unfinished.get(record.trial, [])
        if record.key in known:
            run = known[record.key]
            identifier = str(run.info.run_id)
            if parent is not None and run.data.tags.get(MLFLOW_PARENT_RUN_ID) != parent:
                self.client.set_tag(identifier, MLFLOW_PARENT_RUN_ID, parent)
        else:
            fitting = [str(run.info.run_id) for run in rest if self.agrees(run, record)]
            identifier = fitting[0] if fitting else self.create(experiment, *record.trial)
            self.write(identifier, record, parent, self.logged(identifier) if fitting else {})
        if files:
            self.attach(identifier, known.get(record.key), files)
        for run in rest:
            if run.info.run_id != identifier:
                self.client.delete_run(run.info.run_id)
        return identifier

    def agrees(self, run: Run, record: Record) -> bool:
        """Tell whether an unfinished run could be the beginning of a record."""
        started = all(record.params.get(name) == value for name, value in run.data.params.items())
        return started and all(record.curve.get(epoch) == loss for epoch, loss in self.logged(run.info.run_id).items())

    def attach(self, identifier: str, run: Run | None, files: Sequence[Path]) -> None:
        """Log files unless the run holds them as they are: the same result may come with another report."""
        digest = hashlib.sha256()
        for path in files:
            content = path.read_bytes()
            digest.update(f"{path.name} {len(content)}\n".encode() + content)
        if run is None or run.data.tags.get("metal.files") != digest.hexdigest():
            for path in files:
                self.client.log_artifact(identifier, str(path))
            self.client.set_tag(identifier, "metal.files", digest.hexdigest())

    def write(self, identifier: str, record: Record, parent: str | None, logged: Mapping[int, float]) -> None:
        """Fill a run with a record; `logged` are the losses it holds already.

        MLflow writes the tags of a batch after all else, so that a run that has its key is whole but for its files.
        """
        if record.seed is not None:
            scores = {"seed": record.seed, "metrics": dict(record.metrics), "train_loss": list(record.curve.items())}
            self.client.log_dict(identifier, scores, "trial.json")
        self.client.log_inputs(identifier, [input_of(data) for data in record.data])
        now = int(time.time() * 1000)
        metrics = [
            Metric("train_loss", loss, now, epoch) for epoch, loss in record.curve.items() if epoch not in logged
        ]
        metrics += [Metric(name, value, now, 0) for name, value in record.metrics.items()]
        while len(metrics) > BATCH:
            self.client.log_batch(identifier, metrics=metrics[:BATCH])
            metrics = metrics[BATCH:]
        params = [Param(name, value) for name, value in record.params.items()]
        tags = {**record.tags, KEY: record.key, "metal.current": "yes"}
        if parent is not None:
            tags[MLFLOW_PARENT_RUN_ID] = parent
        self.client.log_batch(identifier, metrics, params, [RunTag(*tag) for tag in tags.items()])
        self._end(identifier, "FINISHED")

    def mark(self, experiment: str, current: set[str]) -> None:
        """Tag the given runs as current and all others as not."""
        for run in self.search(experiment):
            wanted = "yes" if run.info.run_id in current else "no"
            if KEY in run.data.tags and run.data.tags.get("metal.current") != wanted:
                self.client.set_tag(run.info.run_id, "metal.current", wanted)

    def create(self, experiment: str, supervision: str, seed: str) -> str:
        """Create an open run and return its id."""
        name = supervision if not seed.isdigit() else f"{supervision}, seed {seed}"
        tags = {"metal.supervision": supervision, "metal.seed": seed, "metal.training": self.training}
        identifier = str(self.client.create_run(experiment, tags=tags, run_name=name).info.run_id)
        self.open.add(identifier)
        return identifier

    def may_take(self, run: Run) -> bool:
        """Tell whether a run is unfinished, and not of a training that may be under way elsewhere."""
        place = run.data.tags.get("metal.training", self.training)
        machine, _, folder = place.partition(":")
        gone = machine == gethostname() and not under_way(Path(folder))
        return KEY not in run.data.tags and (place == self.training or gone)

    def logged(self, identifier: str) -> dict[int, float]:
        """Return the training losses that a run holds, by epoch."""
        return {entry.step: entry.value for entry in self.client.get_metric_history(identifier, "train_loss")}

    # --- live curves --------------------------------------------------------------------------------------------------

    def log_live(self, application: str, supervision: str, losses: Mapping[int, Mapping[int, float]]) -> set[str]:
        """Write the losses so far of a training under way, by seed and epoch, into unfinished runs; return their ids.

        A run that an interrupted training left goes on; one that holds other losses is of another training and goes,
        unless that may be under way elsewhere.
        """
        written: set[str] = set()
        with self.alone():
            experiment = self.experiment(application)
            found = self.search(experiment, f"tags.`metal.supervision` = '{supervision}'")
            unfinished = [run for run in found if self.may_take(run)]
            for seed, by_epoch in losses.items():
                identifier, logged = None, dict[int, float]()
                for run in (run for run in unfinished if trial_of(run) == (supervision, str(seed))):
                    before = self.logged(run.info.run_id)
                    if identifier is None and all(by_epoch.get(epoch, loss) == loss for epoch, loss in before.items()):
                        identifier, logged = str(run.info.run_id), before
                        self.open.add(identifier)
                        if run.info.status != "RUNNING":
                            self.client.update_run(identifier, "RUNNING")
                        if run.data.tags.get("metal.training") != self.training:
                            self.client.set_tag(identifier, "metal.training", self.training)
                    else:
                        self.client.delete_run(run.info.run_id)
                if identifier is None:
                    identifier = self.create(experiment, supervision, str(seed))
                now = int(time.time() * 1000)
                metrics = [Metric("train_loss", loss, now, e) for e, loss in by_epoch.items() if e not in logged]
                if metrics:
                    self.client.log_batch(identifier, metrics=metrics)
                written.add(identifier)
        return written


def input_of(data: DataSet) -> DatasetInput:
    """Return a file under DVC's control as MLflow's data sets have it: its digest is DVC's."""
    known = Dataset(data.name, data.md5, source_type="local", source=json.dumps({"uri": data.path}))
    return DatasetInput(known, [InputTag(MLFLOW_DATASET_CONTEXT, data.context)])


def trial_of(run: Run) -> tuple[str, str]:
    """Return supervision and seed of a run."""
    return str(run.data.tags.get("metal.supervision")), str(run.data.tags.get("metal.seed"))
