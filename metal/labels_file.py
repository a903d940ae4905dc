"""Probabilistic labels in Parquet: `id` if there are ids, `voted`, a column for each feasible vector, task and label.

They are written as they come, some rows at a time, by the partition of the votes that they are made of: what must fit
into memory is a batch of rows. Whoever is interrupted goes on with the partitions that are missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from metal.atomic import atomic_file
from metal.engine import HERE, Engine
from metal.label_matrix import LabelMatrix
from metal.partitions import code, hashed, once, paired
from metal.tasks import TaskGraph
from metal.votes_file import ID, METADATA_KEY, Paths, VotesFileError, read_header, read_with_ids, text_array

if TYPE_CHECKING:
    import pyarrow as pa

Floats: TypeAlias = npt.NDArray[np.float64]
Batch: TypeAlias = tuple[Sequence[str] | None, Floats, npt.NDArray[np.bool_]]
"""Ids of some rows, None without any; their probabilities over F (n, |F|); whether any source voted on each (n,)."""
VOTED = "voted"


class Labels(Protocol):
    """A model that labels rows of votes, each by itself."""

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return P(Y | votes) over F: (n, |F|), rows sum to one."""
        ...


def vector_column(vector: Sequence[str]) -> str:
    """Return the column name of a feasible vector's probability: `p:Acute|Urgent|N/A`."""
    return "p:" + "|".join(vector)


def label_column(task: str, label: str) -> str:
    """Return the column name of a label's probability in one task: `task:urgency=Urgent`."""
    return f"task:{task}={label}"


def write_labels(path: Path, tasks: TaskGraph, batches: Iterable[Batch], *, has_ids: bool) -> int:
    """Write probabilistic labels batch by batch, atomically; the task graph goes into the schema. Returns how many.

    Raises ValueError naming the row for what is no distribution over F.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(ID, pa.string())] if has_ids else []
    fields += [pa.field(VOTED, pa.bool_()), *(pa.field(vector_column(v), pa.float64()) for v in tasks.feasible)]
    names = [label_column(task, label) for task in tasks.names for label in tasks.values(task)]
    fields += [pa.field(name, pa.float64()) for name in names]
    metadata = {METADATA_KEY: json.dumps({"task_graph": tasks.to_dict()}, sort_keys=True, ensure_ascii=False).encode()}
    schema = pa.schema(fields, metadata)
    written = 0
    # Probabilities hardly repeat within a page: a dictionary of them would be made for nothing.
    with atomic_file(path) as file, pq.ParquetWriter(file, schema, use_dictionary=False) as writer:
        for ids, probabilities, voted in batches:
            _check(ids, probabilities, voted, tasks, written)
            writer.write_table(pa.Table.from_arrays(_columns(ids, probabilities, voted, tasks), schema=schema))
            written += len(voted)
    return written


def write_partitions(
    model: Labels, maker: str, votes: Paths, out: str | Path, tasks: TaskGraph, engine: Engine = HERE
) -> int:
    """Label every partition of a data set of votes: a file of labels for each. Returns the number of rows.

    maker : a hash of the model, by which finished partitions are known again
    tasks : the task graph of files without our metadata
    out : a file, or a folder of partitions; see `metal.partitions.paired`

    Raises VotesFileError naming the file, or whatever the model raises.
    """
    jobs = paired(votes, Path(out))
    function = partial(_write_partition, model, hashed(maker, code()), tasks)
    return sum(engine.map(function, jobs, "posterior"))


def _write_partition(model: Labels, maker: str, tasks: TaskGraph, job: tuple[Path, Path]) -> int:
    """Label one partition, unless it was."""
    source, out = job

    def make() -> dict[str, Any]:
        header = read_header(source, tasks)
        if header.tasks != tasks:
            raise VotesFileError(f"{source}: the votes are over {header.tasks!r}, the model over {tasks!r}")
        labeled = (_labeled(model, source, ids, matrix) for ids, matrix in read_with_ids(source, tasks))
        return {"rows": write_labels(out, tasks, labeled, has_ids=header.has_ids)}

    return int(once(source, out, maker, make)["rows"])


def _labeled(model: Labels, source: Path, ids: Any, votes: LabelMatrix) -> Batch:
    try:
        return ids, model.predict_proba(votes), ~votes.unvoted
    except ValueError as error:
        raise VotesFileError(f"{source}: {error}") from error


def _columns(
    ids: Sequence[str] | None, probabilities: Floats, voted: npt.NDArray[np.bool_], tasks: TaskGraph
) -> list[pa.Array]:
    import pyarrow as pa

    marginals = [tasks.marginal(probabilities, task) for task in tasks.names]
    found = [pa.array(voted), *(pa.array(row) for part in (probabilities, *marginals) for row in part.T.copy())]
    return found if ids is None else [text_array(ids), *found]


def _check(
    ids: Sequence[str] | None, probabilities: Floats, voted: npt.NDArray[np.bool_], tasks: TaskGraph, start: int
) -> None:
    """Raise ValueError naming the row, by its id or its position in the file, for what is no distribution."""
    expected = (len(voted), len(tasks.feasible))
    if probabilities.shape != expected:
        raise ValueError(f"probabilities {probabilities.shape} and voted {voted.shape} do not fit (n, |F|)={expected}")
    wrong = ~((np.abs(probabilities.sum(axis=1) - 1) < 1e-5) & (probabilities >= 0).all(axis=1))
    if wrong.any():
        row = int(np.argmax(wrong))
        named = f"row {start + row}" if ids is None else repr(str(ids[row]))
        raise ValueError(f"the label of {named} is no distribution over F: {probabilities[row].tolist()}")
