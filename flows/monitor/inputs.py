"""What the monitor compares: the training snapshot of an application, and the votes of its sources on new examples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from flows.artifacts import ArtifactError, Paths, parquet_files, read_table, read_tasks, read_votes, vector_column
from flows.config import PARAMS, load_config
from flows.fetch import sha256_of
from metal.application import Application
from metal.applications import load_application
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel
from metal.labeling import Views
from metal.sources import apply_sources
from metal.statistics import Statistics

Floats = npt.NDArray[np.float64]
METHOD = "metal"
"""The label model whose accuracies are compared, and the supervision whose end model's confidences are."""


class MonitorError(ValueError):
    """What is to be watched is not there, or not what it should be."""


@dataclass(frozen=True)
class Snapshot:
    """What an application looked like in training.

    columns : of the examples that its sources read
    votes : on the train split
    model : arguments of the label model that was fitted to them; None where there was none
    """

    application: Application[Any]
    columns: tuple[str, ...]
    votes: Statistics
    model: dict[str, Any] | None


@dataclass(frozen=True)
class NewVotes:
    """The votes of the sources on new examples, and on how many each source raised; `sha256` of the file."""

    name: str
    sha256: str
    votes: LabelMatrix
    failures: dict[str, int]


def read_snapshot(root: Path, name: str) -> Snapshot:
    """Read an application's training snapshot. Raises MonitorError where there is none, or one of other sources."""
    config = load_config(root / PARAMS)
    if name not in config.corpora:
        raise MonitorError(f"unknown application {name!r}; {PARAMS} has {sorted(config.corpora)}")
    application = load_application(name, config.corpora[name].name)
    paths = Paths(root, name)
    for path in (paths.text("train"), paths.votes("train")):
        if not path.exists():
            raise MonitorError(
                f"application {name!r} has no training snapshot: {path} is missing. Fetch it with dvc pull, or make it "
                f"with: dvc repro label@{name} fit@{name}-{METHOD}"
            )
    _, votes = read_votes(paths.votes("train"))
    declared = tuple(source.space(application.tasks) for source in application.sources)
    if votes.tasks != application.tasks or votes.spaces != declared:
        raise MonitorError(
            f"the sources of application {name!r} are no longer those that voted in training: {paths.votes('train')} "
            f"was written for {len(votes.spaces)} sources, and {_different(votes, declared)}. Run dvc repro, then "
            "watch with the new snapshot"
        )
    fitted = paths.labels(METHOD)
    model = LabelModel.load(fitted).get_params() if (fitted / "label_model.json").is_file() else None
    columns = tuple(str(column) for column in pq.read_schema(parquet_files(paths.text("train"))[0]).names)
    return Snapshot(application, columns, Statistics.of(votes), model)


def read_new(snapshot: Snapshot, path: Path) -> NewVotes:
    """Let the sources vote on new examples, a Parquet table with the columns that ingest writes.

    A source that raises abstains there, and is counted. Raises MonitorError for a file that is missing, empty or lacks
    columns, and SourceError for a vote that a source does not declare.
    """
    if not path.is_file():
        raise MonitorError(
            f"{path}: no such file; give a Parquet table of new examples with the columns {_list(snapshot)}"
        )
    frame = read_new_table(path)
    missing = [column for column in snapshot.columns if column not in frame]
    if missing:
        raise MonitorError(
            f"{path} has no column {', '.join(map(repr, missing))}; it has {list(frame.columns)}. "
            f"New examples need the columns that the sources saw in training: {_list(snapshot)}"
        )
    if frame.empty:
        raise MonitorError(f"{path} holds no rows; there is nothing to compare with training")
    if frame["id"].isna().any() or frame["id"].duplicated().any():
        bad = frame["id"][frame["id"].isna() | frame["id"].duplicated()].iloc[0]
        raise MonitorError(f"{path}: the id {bad!r} is missing or doubled; every example needs one of its own")
    frame = frame[list(snapshot.columns)]
    application = snapshot.application
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with tqdm(total=len(frame), desc="label new examples", unit="example") as bar:
        votes, failures = apply_sources(
            application.sources,
            Views(application, table, bar.update),
            application.tasks,
            columns=table,
            on_error="abstain",
        )
    return NewVotes(path.name, sha256_of(path), votes, failures)


def read_new_table(path: Path) -> pd.DataFrame:
    """Read a table that others wrote. Raises MonitorError where it is no Parquet."""
    try:
        return read_table(path)
    except ArtifactError as error:
        raise MonitorError(f"{path} is no Parquet table: {error.__cause__}") from error


def reference_confidences(root: Path, name: str, supervision: str, trial: int | None) -> Floats:
    """Return an end model's confidences on the test split, (n,); no gold label is looked at.

    trial : the seed of the end model that gave the new confidences: another is sure of itself in another way
    Raises MonitorError where there is no such end model, or no trial was named.
    """
    paths = Paths(root, name)
    path = paths.model(supervision) / "predictions.parquet"
    if not path.is_file():
        raise MonitorError(
            f"application {name!r} has no end model trained on {supervision!r} whose confidences could be compared: "
            f"{path} is missing. Run dvc repro train@{name}-{supervision}, or leave the confidences out"
        )
    frame = read_table(path)
    seeds = sorted(frame["seed"].unique().tolist())
    if trial not in seeds:
        raise MonitorError(
            f"trial {trial}: which end model gave the confidences? Name its seed, one of {seeds}; a registered model "
            "has it in its version's tag `seed`"
        )
    chosen = frame[(frame["split"] == "test") & (frame["seed"] == trial)]
    columns = [vector_column(vector) for vector in read_tasks(path).feasible]
    return np.asarray(chosen[columns].to_numpy(dtype=np.float64).max(axis=1))


def read_confidences(path: Path, column: str = "probability") -> Floats:
    """Return a column of confidences on the new examples, (n,). Raises MonitorError where there is none."""
    if not path.is_file():
        raise MonitorError(f"{path}: no such file; give a Parquet table with a column {column!r}, or leave it out")
    frame = read_new_table(path)
    if column not in frame:
        raise MonitorError(f"{path} has no column {column!r}; it has {list(frame.columns)}")
    return frame[column].to_numpy(dtype=np.float64)


def _list(snapshot: Snapshot) -> str:
    return ", ".join(snapshot.columns)


def _different(votes: LabelMatrix, declared: tuple[Any, ...]) -> str:
    now = {space.name: space for space in declared}
    gone = [space.name for space in votes.spaces if space.name not in now]
    new = [name for name in now if name not in votes.names]
    other = [space.name for space in votes.spaces if space.name in now and now[space.name] != space]
    parts = {"gone": gone, "new": new, "with other labels": other}
    told = [f"{what} are {', '.join(names)}" for what, names in parts.items() if names]
    return "; ".join(told) or "their order or the task graph is another"
