"""What is to stand in MLflow: one record a trial and one for the aggregate, read from results and dvc.lock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from flows.artifacts import RESULTS, Paths, existing, read_json
from flows.comparison import compare, markdown, measured_on
from flows.config import GOLD_DEV
from flows.provenance import DataSet, data_sets, origin, provenance, read_lock

ALL_SEEDS = "all"
"""What stands in place of a seed in the tags of an aggregate."""

READING = """\
**Runs.** One for each kind of supervision, with the mean of every score over its trials and, as `…/low` and `…/high`, \
the ends of its 95% interval; below it one for each seed, with its learning curve. `label_model/…` scores the label \
model alone. Filter by `tags.metal.current = 'yes'` for the latest results, and by `tags.metal.seed = 'all'` for means.

**Origin.** Parameters are those that the stages ran with; the data sets' digests and the tags `md5/…` are DVC's, so \
that `dvc checkout` of the revision in `git.revision` (or `python -m flows.apply` of `dvc.experiment`) brings the \
files back.
"""


@dataclass(frozen=True)
class Record:
    """One run: what identifies it, what it was made with, what came out.

    seed : None for the aggregate over trials
    params : the configuration that its stages ran with, as dvc.lock holds it
    curve : training loss by epoch, of an aggregate the mean over trials
    tags, data : where it comes from; they do not enter the key
    """

    application: str
    supervision: str
    seed: int | None
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    curve: Mapping[int, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    data: tuple[DataSet, ...] = ()

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.supervision if self.seed is None else f"{self.supervision}, seed {self.seed}"

    @property
    def trial(self) -> tuple[str, str]:
        """Supervision and seed as tags hold them."""
        return self.supervision, ALL_SEEDS if self.seed is None else str(self.seed)

    @property
    def key(self) -> str:
        """SHA-256 of the content: the same result is the same run, a changed one is another."""
        content = [self.application, *self.trial, self.params, self.metrics, sorted(self.curve.items())]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Group:
    """The runs of one application and supervision: the aggregate, its trials, and files that go with the aggregate."""

    parent: Record
    children: tuple[Record, ...]
    files: tuple[Path, ...]


def read_groups(root: Path, tags: Mapping[str, str] | None = None) -> list[Group]:
    """Read what is to be published. Raises ArtifactError if there are no results or no dvc.lock yet.

    tags : of whoever runs the pipeline, added to those of git and DVC
    """
    results = pd.read_csv(existing(root / RESULTS / "results.csv"))
    lock = read_lock(root)
    tags = {**origin(root), **(tags or {})}
    return [group for name in results["application"].unique() for group in groups_of(root, name, results, lock, tags)]


def describe(root: Path) -> dict[str, str]:
    """Return what is to be said of each application's experiment, in Markdown: the comparison, and how to read it."""
    results = pd.read_csv(existing(root / RESULTS / "results.csv"))
    comparison, measured = compare(results), measured_on(results.to_dict("records"))
    return {name: f"{markdown({name: comparison[name]}, measured)}\n{READING}" for name in comparison}


def groups_of(
    root: Path, application: str, results: pd.DataFrame, lock: Mapping[str, Any], origin: Mapping[str, str]
) -> Iterator[Group]:
    """Yield a group for every supervision of an application."""
    rows = results[results["application"] == application]
    paths = Paths(root, application)
    curves = pd.read_csv(existing(paths.evaluation / "curves.csv"))
    files = [root / RESULTS / "report.html", root / RESULTS / "table1.md"]
    files += [paths.evaluation / f"{name}.csv" for name in ("trials", "differences", "sources", "confusion")]
    for supervision in rows.loc[rows["model"] == "end", "supervision"].unique():
        params, hashes = provenance(lock, application, supervision)
        params["estimator"] = estimator(paths, supervision)
        on = measured_on(rows.to_dict("records"))[application]
        tags = {**origin, **hashes, "corpus": on.corpus, "synthetic": "yes" if on.synthetic else "no"}
        tags["scored"] = on.scored
        data = data_sets(lock, application, supervision)
        ends = rows[(rows["supervision"] == supervision) & (rows["model"] == "end")]
        children = tuple(
            Record(
                application,
                supervision,
                int(row["seed"]),
                params,
                {f"test/{metric_name(name)}": float(row[name]) for name in score_columns(rows) if pd.notna(row[name])}
                | {"n_train": float(row["n_train"])},
                losses(curves, supervision, int(row["seed"])),
                tags,
                data,
            )
            for _, row in ends.iterrows()
        )
        mean = curves[curves["supervision"] == supervision].groupby("epoch")["train_loss"].mean()
        parent = Record(
            application,
            supervision,
            None,
            params,
            aggregate(rows, application, supervision),
            {int(str(epoch)): float(loss) for epoch, loss in mean.items()},
            tags,
            data,
        )
        yield Group(parent, children, tuple(path for path in files if path.is_file()))


def estimator(paths: Paths, supervision: str) -> str:
    """Return what made a supervision's labels: the label model's estimator, a baseline's name, or gold."""
    if supervision == GOLD_DEV:
        return "gold"
    return str(read_json(paths.labels(supervision) / "model.json")["estimator"])


def score_columns(rows: pd.DataFrame) -> list[str]:
    """Return the columns of results.csv that hold scores."""
    return [name for name in rows.columns if name in ("micro_accuracy", "macro_f1", "nll", "ece") or ":" in name]


def metric_name(column: str) -> str:
    """Return what a column of results.csv is called in MLflow, which groups charts by slashes."""
    return column.replace(":", "/")


def aggregate(rows: pd.DataFrame, application: str, supervision: str) -> dict[str, float]:
    """Return mean and 95% interval of every score of the end model, and the scores of the label model alone."""
    found: dict[str, float] = {}
    of_supervision = rows[rows["supervision"] == supervision]
    for column in score_columns(rows):
        known = of_supervision[of_supervision[column].notna()]
        if known.empty:  # a task of another application
            continue
        models = compare(known, column)[application][supervision]
        end, name = models["end"], metric_name(column)
        found[f"test/{name}"] = end.mean
        if end.low is not None and end.high is not None:
            found |= {f"test/{name}/low": end.low, f"test/{name}/high": end.high}
        if "label" in models:
            found[f"label_model/{name}"] = models["label"].mean
        found["trials"] = float(end.trials)
    return found


def losses(curves: pd.DataFrame, supervision: str, seed: int) -> dict[int, float]:
    """Return the training loss by epoch of one trial."""
    rows = curves[(curves["supervision"] == supervision) & (curves["seed"] == seed)]
    return {int(epoch): float(loss) for epoch, loss in zip(rows["epoch"], rows["train_loss"], strict=True)}
