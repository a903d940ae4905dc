"""The only module that knows where artifacts lie and in which formats.

Every write is atomic (see `metal.atomic`). Formats carry no code: Parquet, npz without pickles, JSON.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metal import labels_file, votes_file

# Re-exported: who writes an artifact finds all of it here.
from metal.atomic import atomic_directory as atomic_directory
from metal.atomic import write_bytes as write_bytes
from metal.atomic import write_text as write_text
from metal.label_matrix import LabelMatrix
from metal.labels_file import vector_column as vector_column
from metal.npz import from_npz, to_npz
from metal.tasks import TaskGraph
from metal.votes_file import METADATA_KEY

SPLITS = ("train", "dev", "test", "rest")
LABELED = ("train", "dev", "test")
DATA = Path("data")
RESULTS = DATA / "results"
SCRATCH = DATA / "scratch"
"""Resume state that DVC does not track: it removes a stage's outputs before running it."""


class ArtifactError(ValueError):
    """An artifact is missing, damaged or not what it should be."""


@dataclass(frozen=True)
class Paths:
    """Where the artifacts of one application lie, below the repository root."""

    root: Path
    application: str

    def _at(self, kind: str) -> Path:
        return self.root / DATA / kind / self.application

    @property
    def raw(self) -> Path:
        """Directory of the archive as published."""
        return self._at("raw")

    def text(self, split: str) -> Path:
        """`id` and text columns of a split; never gold."""
        return self._at("corpora") / "text" / f"{split}.parquet"

    def gold(self, split: str) -> Path:
        """`id` and one label column a task of a split."""
        return self._at("corpora") / "gold" / f"{split}.parquet"

    @property
    def corpus_summary(self) -> Path:
        """Counts, seed and what was skipped."""
        return self._at("corpora") / "summary.json"

    def votes(self, split: str) -> Path:
        """Codes of every source on a split; see `write_votes`."""
        return self._at("votes") / f"{split}.parquet"

    @property
    def votes_summary(self) -> Path:
        """Failures by source."""
        return self._at("votes") / "summary.json"

    @property
    def validation(self) -> Path:
        """Directory of the validation's summary and pages."""
        return self._at("validation")

    @property
    def gate(self) -> Path:
        """Directory of the identifiability report."""
        return self._at("gate")

    def labels(self, method: str) -> Path:
        """Directory of a label model's probabilistic labels and parameters."""
        return self._at("labels") / method

    @property
    def embeddings(self) -> Path:
        """Directory of vectors, vocabulary and token ids."""
        return self._at("embeddings")

    def model(self, supervision: str) -> Path:
        """Directory of the end models trained under a supervision."""
        return self._at("models") / supervision

    @property
    def evaluation(self) -> Path:
        """Directory of an application's results."""
        return self._at("evaluation")

    def study(self, name: str) -> Path:
        """Directory of a study's scores, predictions and training curves."""
        return self._at("studies") / name

    def scratch(self, supervision: str) -> Path:
        """Directory of the checkpoints from which training resumes."""
        return self.root / SCRATCH / self.application / supervision


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically, keys sorted. Raises ValueError for NaN and infinity, which JSON does not know."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON. Raises ArtifactError where the file is missing or damaged."""
    content = existing(path).read_bytes()
    try:
        return json.loads(content)
    except ValueError as error:
        raise damaged(path, error) from error


def existing(path: Path) -> Path:
    """Return the path. Raises ArtifactError where there is no file."""
    if not path.is_file():
        raise ArtifactError(f"{path} is missing; the stage that writes it has not run. Bring it about with: dvc repro")
    return path


def damaged(path: Path, error: Exception) -> ArtifactError:
    """Say that a file cannot be read and how to make it anew."""
    return ArtifactError(f"{path} cannot be read: {error}. Remove it and run dvc repro")


# --- arrays and tables ------------------------------------------------------------------------------------------------


def save_arrays(path: Path, **arrays: npt.ArrayLike) -> None:
    """Write named arrays as npz, the same bytes for the same arrays. Raises ValueError for object arrays."""
    write_bytes(path, to_npz(arrays))


def load_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read named arrays from npz. Raises ArtifactError where the file is missing, damaged or holds a pickle."""
    content = existing(path).read_bytes()
    try:
        return from_npz(content)
    except ValueError as error:
        raise damaged(path, error) from error


def write_table(frame: pd.DataFrame, path: Path, metadata: Mapping[str, Any] | None = None) -> None:
    """Write a table as Parquet, without its index; `metadata` goes into the schema as JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    if metadata is not None:
        own = json.dumps(metadata, sort_keys=True, ensure_ascii=False).encode()
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), METADATA_KEY: own})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    write_bytes(path, buffer.getvalue())


def write_partitions(frame: pd.DataFrame, path: Path, rows: int | None) -> None:
    """Write a table as Parquet: a file, or, of a table with more than `rows` rows, a folder of files with so many."""
    if rows is None or len(frame) <= rows:
        write_table(frame, path)
        return
    with atomic_directory(path) as folder:
        for number, start in enumerate(range(0, len(frame), rows)):
            part = frame.iloc[start : start + rows].reset_index(drop=True)
            write_table(part, folder / f"part-{number:05}.parquet")


def parquet_files(path: Path) -> list[Path]:
    """Return the files of a table: itself, or of a folder its partitions. Raises ArtifactError where there is none."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [existing(path)]
    return files or [existing(path / "*.parquet")]


def read_table(path: Path) -> pd.DataFrame:
    """Read a Parquet table, whole. Raises ArtifactError where a file is missing or damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = []
    for file in parquet_files(path):
        try:
            parts.append(pq.ParquetFile(file).read())
        except (pa.ArrowInvalid, OSError) as error:
            raise damaged(file, error) from error
    frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
    return frame


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the JSON that `write_table` put into a table's schema. Raises ArtifactError where there is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = (pq.read_schema(parquet_files(path)[0]).metadata or {}).get(METADATA_KEY)
    except (pa.ArrowInvalid, OSError) as error:
        raise damaged(path, error) from error
    if found is None:
        raise ArtifactError(f"{path} holds no metadata of ours; it was not written by this pipeline")
    return dict(json.loads(found))


# --- votes, probabilistic labels, gold --------------------------------------------------------------------------------


def read_tasks(path: Path) -> TaskGraph:
    """Return the task graph that a table of votes or probabilities was written with."""
    return TaskGraph.from_dict(read_metadata(path)["task_graph"])


def write_votes(path: Path, ids: Sequence[str], votes: LabelMatrix) -> None:
    """Write `id` and one column of codes a source; label spaces and task graph go into the schema."""
    try:
        votes_file.write_votes(path, votes, ids)
    except votes_file.VotesFileError as error:
        raise ArtifactError(str(error)) from error


def read_votes(path: Path) -> tuple[list[str], LabelMatrix]:
    """Read ids and votes. Raises ArtifactError for a damaged file and a code outside its source's label space."""
    try:
        ids, votes = votes_file.read_votes(parquet_files(path))
    except votes_file.VotesFileError as error:
        raise ArtifactError(f"{error}. Remove it and run dvc repro") from error
    return [] if ids is None else ids, votes


def write_probabilities(
    path: Path,
    ids: Sequence[str],
    probabilities: npt.NDArray[np.float64],
    voted: npt.NDArray[np.bool_],
    tasks: TaskGraph,
) -> None:
    """Write probabilistic labels: `id`, `voted`, one column a feasible vector and one a task and label.

    `probabilities` (n, |F|) over `tasks.feasible`, rows sum to 1; `voted` (n,): whether any source voted.
    Raises ArtifactError for shapes that do not fit and rows that are no distributions.
    """
    expected = (len(ids), len(tasks.feasible))
    if probabilities.shape != expected or voted.shape != expected[:1]:
        raise ArtifactError(
            f"probabilities {probabilities.shape} and voted {voted.shape} do not fit (n, |F|)={expected}"
        )
    try:
        labels_file.write_labels(path, tasks, [(ids, probabilities, voted)], has_ids=True)
    except ValueError as error:
        raise ArtifactError(f"{path}: {error}") from error


def read_probabilities(
    path: Path, tasks: TaskGraph
) -> tuple[list[str], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Read ids, probabilities (n, |F|) and whether a source voted (n,). Raises ArtifactError for another task graph."""
    written = read_tasks(path)
    if written != tasks:
        raise ArtifactError(f"{path} was written for {written.feasible}, not for {tasks.feasible}; run dvc repro")
    frame = read_table(path)
    probabilities = frame[[vector_column(vector) for vector in tasks.feasible]].to_numpy(dtype=np.float64)
    return list(frame["id"]), probabilities, frame["voted"].to_numpy(dtype=bool)


def read_gold(path: Path, tasks: TaskGraph, ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the gold label of each id as an index into `tasks.feasible`, shape (len(ids),).

    Raises ArtifactError for an id without gold, a doubled id, a missing task column, and an infeasible vector.
    """
    frame = read_table(path)
    missing = [name for name in ("id", *tasks.names) if name not in frame.columns]
    if missing:
        raise ArtifactError(f"{path} has no column {missing}; it has {list(frame.columns)}")
    if frame["id"].duplicated().any():
        raise ArtifactError(f"{path} holds the id {frame['id'][frame['id'].duplicated()].iloc[0]!r} twice")
    position = {vector: index for index, vector in enumerate(tasks.feasible)}
    gold: dict[str, int] = {}
    for identifier, *vector in frame[["id", *tasks.names]].itertuples(index=False, name=None):
        if tuple(vector) not in position:
            raise ArtifactError(f"{path}: the gold label {tuple(vector)} of {identifier!r} is not feasible")
        gold[identifier] = position[tuple(vector)]
    absent = [identifier for identifier in ids if identifier not in gold]
    if absent:
        raise ArtifactError(f"{path} has no gold label for {len(absent)} of {len(ids)} ids, the first {absent[0]!r}")
    return np.array([gold[identifier] for identifier in ids], dtype=np.int64)
