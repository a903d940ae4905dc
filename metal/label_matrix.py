"""The label matrix: one column of vote codes a source, each with its own label space.

Column i holds 0 for abstain and c in 1..k_i for the c-th entry of source i's label space, an
assignment of labels to the tasks it covers, i.e. a *set* of feasible label vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from metal.tasks import LabelVector, TaskGraph

ABSTAIN = 0


@dataclass(frozen=True)
class LabelSpace:
    """What the codes of one column mean: source name, coverage set, and label of code c at `labels[c-1]`."""

    name: str
    tasks: tuple[str, ...]
    labels: tuple[LabelVector, ...]

    @classmethod
    def checked(
        cls, name: str, covered: Sequence[str], labels: Sequence[Sequence[str]], tasks: TaskGraph
    ) -> LabelSpace:
        """Build a label space. Raises ValueError for an unknown task or a label no feasible vector has."""
        for task in covered:
            if task not in tasks.names:
                raise ValueError(f"source {name!r} covers unknown task {task!r}; the tasks are {list(tasks.names)}")
        possible = tasks.projections(covered)
        for label in labels:
            if tuple(label) not in possible:
                raise ValueError(
                    f"source {name!r}: label {tuple(label)} on tasks {list(covered)} contradicts the feasible set; "
                    f"possible are {list(possible)}"
                )
        return cls(name, tuple(covered), tuple(tuple(label) for label in labels))

    def to_dict(self) -> dict[str, Any]:
        """Return the label space as JSON can hold it."""
        return {"name": self.name, "tasks": list(self.tasks), "labels": [list(label) for label in self.labels]}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], tasks: TaskGraph) -> LabelSpace:
        """Return the label space that `to_dict` took. Raises ValueError as `checked`."""
        return cls.checked(content["name"], content["tasks"], content["labels"], tasks)

    def events(self, tasks: TaskGraph) -> npt.NDArray[np.bool_]:
        """Return the event e_l of every label as rows of a mask, shape (k, |F|)."""
        return np.stack([tasks.event(self.tasks, label) for label in self.labels])


class LabelMatrix:
    """Votes of m sources on n examples.

    Parameters
    ----------
    codes : (n, m) integers; 0 abstains, c is the c-th label of the column's label space
    spaces : one label space a column
    tasks : the task graph

    Raises ValueError for a code outside its column's label space, naming source, row and value.
    """

    def __init__(self, codes: npt.NDArray[np.integer[Any]], spaces: Sequence[LabelSpace], tasks: TaskGraph) -> None:
        self.spaces = tuple(spaces)
        self.tasks = tasks
        if codes.ndim != 2 or codes.shape[1] != len(self.spaces):
            raise ValueError(f"codes must have shape (n, {len(self.spaces)}), one column a source; got {codes.shape}")
        names = self.names
        if len(set(names)) != len(names):
            raise ValueError(f"source names must differ; doubled: {sorted({x for x in names if names.count(x) > 1})}")
        sizes = np.array([len(space.labels) for space in self.spaces], dtype=np.int64)
        wrong = (codes < 0) | (codes > sizes)
        if wrong.any():
            row, column = (int(x) for x in np.argwhere(wrong)[0])
            space = self.spaces[column]
            raise ValueError(
                f"source {space.name!r} voted {int(codes[row, column])} on tasks {list(space.tasks)} (row {row}); "
                f"its labels are 1..{len(space.labels)}, 0 abstains"
            )
        largest = int(sizes.max()) if sizes.size else 0
        self.codes: npt.NDArray[np.integer[Any]] = codes.astype(np.int8 if largest < 128 else np.int16)

    @classmethod
    def from_array(cls, votes: Any, tasks: TaskGraph, names: Sequence[str] | None = None) -> LabelMatrix:
        """Wrap an array, DataFrame or scipy.sparse matrix whose columns all vote over the whole of F.

        Code c is the c-th feasible vector (for a single task: its c-th label), 0 abstains. Columns are
        named by `names`, a DataFrame's columns, or source_0, source_1, ...
        Raises ValueError for NaN, fractions and codes outside the label space.
        """
        if isinstance(votes, pd.DataFrame):
            names = [str(column) for column in votes.columns] if names is None else names
            votes = votes.to_numpy()
        dense: npt.NDArray[Any] = votes.toarray() if sparse.issparse(votes) else np.asarray(votes)
        if dense.ndim != 2:
            raise ValueError(f"votes must have shape (n, m); got {dense.shape}")
        called = [f"source_{i}" for i in range(dense.shape[1])] if names is None else list(names)
        if len(called) != dense.shape[1]:
            raise ValueError(f"{len(called)} names for {dense.shape[1]} columns of votes")
        codes = whole_numbers(dense, called)
        spaces = [LabelSpace(name, tasks.names, tasks.feasible) for name in called]
        return cls(codes, spaces, tasks)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sources, in column order."""
        return tuple(space.name for space in self.spaces)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return self.codes.shape[0], self.codes.shape[1]

    def __len__(self) -> int:
        return int(self.codes.shape[0])

    def rows(self, selection: Any) -> LabelMatrix:
        """Return the label matrix of a selection of rows (a mask, slice or array of positions)."""
        return LabelMatrix(self.codes[selection], self.spaces, self.tasks)

    def allowed(self, column: int) -> npt.NDArray[np.bool_]:
        """Return the set of feasible vectors of each code of a column, shape (k + 1, |F|); abstain: all."""
        events = self.spaces[column].events(self.tasks)
        return np.concatenate([np.ones((1, events.shape[1]), dtype=bool), events])

    def coverage(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which each source votes, shape (m,)."""
        return np.asarray(np.mean(self.codes != ABSTAIN, axis=0), dtype=np.float64)

    def overlap(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which each source votes and another votes too, shape (m,)."""
        voted = self.codes != ABSTAIN
        return np.asarray(np.mean(voted & (voted.sum(axis=1, keepdims=True) > 1), axis=0), dtype=np.float64)

    def conflicts(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which two sources vote for disjoint sets of F, shape (m, m).

        A coarse and a fine vote that agree (Acute, Emergent) are no conflict: their sets intersect.
        """
        n, m = self.shape
        result = np.zeros((m, m))
        indicators = [
            np.equal.outer(np.arange(1, len(space.labels) + 1), self.codes[:, i]).astype(np.float64)
            for i, space in enumerate(self.spaces)
        ]
        for i in range(m):
            for j in range(i + 1, m):
                disjoint = ~(self.allowed(i)[1:, None, :] & self.allowed(j)[None, 1:, :]).any(axis=2)
                together = indicators[i] @ indicators[j].T
                result[i, j] = result[j, i] = float(together[disjoint].sum()) / max(n, 1)
        return result

    def conflict(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which each source contradicts at least one other, shape (m,)."""
        n, m = self.shape
        allowed = [self.allowed(i)[self.codes[:, i]] for i in range(m)]
        return np.array(
            [
                np.any([~(allowed[i] & allowed[j]).any(axis=1) for j in range(m) if j != i], axis=0).mean()
                if m > 1 and n
                else 0.0
                for i in range(m)
            ]
        )

    def frame(self) -> pd.DataFrame:
        """Return the codes as a DataFrame, one column a source."""
        return pd.DataFrame(self.codes, columns=list(self.names))


def whole_numbers(values: npt.NDArray[Any], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return votes as integers. Raises ValueError naming the first NaN or fraction by source and row."""
    if values.dtype.kind in "iub":
        return values.astype(np.int64)
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"votes must be integer codes, 0 for abstain; got {values.dtype}: {error}") from error
    wrong = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    if wrong.any():
        row, column = (int(x) for x in np.argwhere(wrong)[0])
        raise ValueError(
            f"source {names[column]!r} voted {numbers[row, column]} (row {row}); votes are integer codes, 0 abstains"
        )
    return numbers.astype(np.int64)
