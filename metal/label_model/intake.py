"""What the label model takes as votes and as gold, brought to one form.

Votes: a LabelMatrix, or an array, DataFrame or scipy.sparse matrix of codes whose columns vote over the whole of F
(`LabelMatrix.from_array`). Gold: indices into F, names of feasible vectors, or the vectors themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.statistics import Statistics
from metal.tasks import TaskGraph

Votes: TypeAlias = LabelMatrix | npt.ArrayLike
"""Votes on examples, rows in order; a DataFrame is ArrayLike, a scipy.sparse matrix is taken too."""


def as_votes(votes: Votes, tasks: TaskGraph, spaces: tuple[LabelSpace, ...] | None = None) -> LabelMatrix:
    """Return votes as a label matrix over `tasks`.

    spaces : of the fit, to hold the columns to: same sources, label spaces and order. Columns without names
        (of arrays and sparse matrices) are taken to be those of the fit, in its order. None: any

    Raises ValueError for another task graph, other columns than `spaces`, codes outside the label space, NaN and
    fractions, and TypeError for what are no votes.
    """
    matrix = votes if isinstance(votes, LabelMatrix) else _wrapped(votes, tasks, spaces)
    check_columns(matrix, tasks, spaces)
    return matrix


def check_columns(votes: LabelMatrix | Statistics, tasks: TaskGraph, spaces: tuple[LabelSpace, ...] | None) -> None:
    """Raise ValueError for votes over another task graph, or other columns than `spaces`; see `as_votes`."""
    if votes.tasks != tasks:
        raise ValueError(f"the votes are over {votes.tasks!r}, the model over {tasks!r}")
    if spaces is None or votes.spaces == spaces:
        return
    known, given = [space.name for space in spaces], list(votes.names)
    if known != given:
        raise ValueError(f"the votes' columns are not those of the fit: fitted on {known}, given {given}")
    i = next(i for i, space in enumerate(spaces) if space != votes.spaces[i])
    raise ValueError(
        "the votes' columns are not those of the fit: their label spaces or tasks differ. "
        f"Source {known[i]!r} had {list(spaces[i].labels)} on {list(spaces[i].tasks)}, "
        f"and has {list(votes.spaces[i].labels)} on {list(votes.spaces[i].tasks)}"
    )


def as_gold(gold: Any, tasks: TaskGraph, n: int) -> npt.NDArray[np.int64]:
    """Return gold labels as indices into F, (n,).

    gold : (n,) indices into F; (n,) names out of `tasks.vector_names` (a single task's are its labels); or (n, t)
        label vectors, one column a task, of a DataFrame its columns named like the tasks

    Raises ValueError naming the row for what is not feasible, and for another number of rows.
    """
    if isinstance(gold, pd.DataFrame):
        missing = [name for name in tasks.names if name not in gold.columns]
        if missing:
            raise ValueError(f"gold has no column {missing}; the tasks are {list(tasks.names)}")
        gold = gold[list(tasks.names)]
    array = np.asarray(gold)
    if array.ndim not in (1, 2) or len(array) != n or (array.ndim == 2 and array.shape[1] != len(tasks)):
        raise ValueError(
            f"gold must have shape ({n},) or ({n}, {len(tasks)}), one row a row of votes; got {array.shape}"
        )
    size = len(tasks.feasible)
    if array.ndim == 1 and array.dtype.kind in "iu":
        wrong = (array < 0) | (array >= size)
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(f"gold of row {row} is {int(array[row])}; indices into F are 0..{size - 1}")
        return array.astype(np.int64)
    if array.ndim == 1:
        keys: list[Any] = [str(entry) for entry in array.tolist()]
        known: dict[Any, int] = {name: i for i, name in enumerate(tasks.vector_names)}
    else:
        keys = [tuple(str(entry) for entry in row) for row in array.tolist()]
        known = {vector: i for i, vector in enumerate(tasks.feasible)}
    for row, key in enumerate(keys):
        if key not in known:
            raise ValueError(f"gold of row {row} is {key!r}, which is not feasible; feasible are {list(known)}")
    return np.array([known[key] for key in keys], dtype=np.int64)


def _wrapped(votes: Any, tasks: TaskGraph, spaces: tuple[LabelSpace, ...] | None) -> LabelMatrix:
    """Wrap codes over the whole of F."""
    if isinstance(votes, pd.DataFrame):
        return LabelMatrix.from_array(votes, tasks)
    if not sparse.issparse(votes):
        if isinstance(votes, str) or not isinstance(votes, np.ndarray | Sequence):
            raise TypeError(
                "votes must be a LabelMatrix, an array, DataFrame or scipy.sparse matrix of codes; "
                f"got {type(votes).__name__}"
            )
        try:
            votes = np.asarray(votes)
        except ValueError as error:
            raise ValueError(
                f"votes must have shape (n, m), each row as many codes as there are sources; {error}"
            ) from error
    if spaces is None or votes.ndim != 2 or votes.shape[1] != len(spaces):
        return LabelMatrix.from_array(votes, tasks)
    for space in spaces:
        if (space.tasks, space.labels) != (tasks.names, tasks.feasible):
            raise ValueError(
                f"the model was fitted on source {space.name!r} with labels {list(space.labels)} of its own, which "
                "plain codes cannot be told to be in; pass a LabelMatrix with the label spaces of the fit"
            )
    return LabelMatrix.from_array(votes, tasks, names=[space.name for space in spaces])
