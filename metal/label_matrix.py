"""The label matrix: one column of vote codes a source, each with its own label space.

Column i holds 0 for abstain and c in 1..k_i for the c-th entry of source i's label space, an
assignment of labels to the tasks it covers, i.e. a *set* of feasible label vectors.

Codes are kept as they came, a dense array of one or two bytes a code or, where votes are rare, a sparse matrix of the
votes alone, which nothing in the label model ever makes dense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from metal.codes import as_csr, first_entry, whole_numbers
from metal.indicators import CELLS, Indicators, row_blocks
from metal.tasks import LabelVector, TaskGraph

ABSTAIN = 0


@dataclass(frozen=True)
class LabelSpace:
    """What the codes of one column mean: source name, coverage set, and label of code c at `labels[c-1]`.

    Raises ValueError for no task, no label, and a task or label that is listed twice.
    """

    name: str
    tasks: tuple[str, ...]
    labels: tuple[LabelVector, ...]

    def __post_init__(self) -> None:
        if not self.tasks or not self.labels or len(set(self.labels)) != len(self.labels):
            has = f"it has {list(self.labels)} on {list(self.tasks)}"
            raise ValueError(f"source {self.name!r} needs at least one task and one label, each label once; {has}")
        if len(set(self.tasks)) != len(self.tasks):
            raise ValueError(f"source {self.name!r} lists a task twice: {list(self.tasks)}; name each task once")

    @classmethod
    def checked(
        cls, name: str, covered: Sequence[str], labels: Sequence[Sequence[str]], tasks: TaskGraph
    ) -> LabelSpace:
        """Build a label space. Raises ValueError for an unknown task or a label no feasible vector has."""
        space = cls(name, tuple(covered), tuple(tuple(label) for label in labels))
        space.check(tasks)
        return space

    def check(self, tasks: TaskGraph) -> None:
        """Raise ValueError for an unknown task or a label no feasible vector has."""
        for task in set(self.tasks) - set(tasks.names):
            raise ValueError(f"source {self.name!r} covers unknown task {task!r}; the tasks are {list(tasks.names)}")
        possible = tasks.projections(self.tasks)
        for label in self.labels:
            if label not in possible:
                raise ValueError(
                    f"source {self.name!r}: label {label} on tasks {list(self.tasks)} contradicts the feasible set; "
                    f"possible are {list(possible)}"
                )

    def to_dict(self) -> dict[str, Any]:
        """Return the label space as JSON can hold it."""
        return {"name": self.name, "tasks": list(self.tasks), "labels": [list(label) for label in self.labels]}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], tasks: TaskGraph) -> LabelSpace:
        """Return the label space that `to_dict` took. Raises ValueError as `checked`."""
        return cls.checked(content["name"], content["tasks"], content["labels"], tasks)

    def events(self, tasks: TaskGraph) -> npt.NDArray[np.bool_]:
        """Return the event e_l of every label as rows of a mask, shape (k, |F|), read-only."""
        return _events(self.tasks, self.labels, tasks)


@lru_cache
def _events(covered: tuple[str, ...], labels: tuple[LabelVector, ...], tasks: TaskGraph) -> npt.NDArray[np.bool_]:
    shown = [tasks.project(vector, covered) for vector in tasks.feasible]
    events = np.array([[part == label for part in shown] for label in labels])
    events.flags.writeable = False  # it is shared: sources often have the same labels
    return events


class LabelMatrix:
    """Votes of m sources on n examples.

    Parameters
    ----------
    codes : (n, m) integers; 0 abstains, c is the c-th label of the column's label space. An array, whose memory is
        shared where its type is the one kept (int8, or int16 for over 127 labels), or a scipy.sparse matrix
    spaces : one label space a column
    tasks : the task graph

    Raises ValueError for NaN, fractions, text, codes outside the column's label space and cells that a sparse matrix
    gives twice, naming source, row and value; for doubled names and label spaces that contradict the feasible set.
    """

    def __init__(self, codes: Any, spaces: Sequence[LabelSpace], tasks: TaskGraph) -> None:
        self.spaces = tuple(spaces)
        self.tasks = tasks
        codes = codes if sparse.issparse(codes) else np.asarray(codes)
        if codes.ndim != 2 or codes.shape[1] != len(self.spaces):
            raise ValueError(f"codes must have shape (n, {len(self.spaces)}), one column a source; got {codes.shape}")
        names = self.names
        if doubled := sorted({x for x in names if names.count(x) > 1}):
            raise ValueError(f"source names must differ; doubled: {doubled}")
        for space in {(space.tasks, space.labels): space for space in self.spaces}.values():
            space.check(tasks)
        codes = whole_numbers(as_csr(codes, names) if sparse.issparse(codes) else codes, names)
        sizes = np.array([len(space.labels) for space in self.spaces], dtype=np.int64)
        dtype = code_type(self.spaces)
        self.votes: Any
        """The codes as they are kept: a dense array, or a scipy.sparse CSR matrix of the votes, rows sorted."""
        if sparse.issparse(codes):
            kept = codes
            if not kept.has_canonical_format or not kept.data.all():
                kept = kept.copy()
                kept.sum_duplicates()
                kept.eliminate_zeros()
            self._refuse((kept.data < 0) | (kept.data > sizes[kept.indices]), kept)
            kept = sparse.csr_array((kept.data.astype(dtype, copy=False), kept.indices, kept.indptr), kept.shape)
            kept.has_canonical_format = True
            self.votes = kept
            return
        for rows in row_blocks(len(codes), max(1, CELLS // max(len(names), 1))):
            block = codes[rows]
            if len(names) and (block.min() < 0 or (block.max(axis=0) > sizes).any()):
                self._refuse((codes < 0) | (codes > sizes), codes)
        self.votes = codes.astype(dtype, copy=False).view()
        self.votes.flags.writeable = False  # it may be the caller's, and others may share it

    def _refuse(self, wrong: npt.NDArray[np.bool_], codes: Any) -> None:
        """Raise ValueError for the first wrong code, of a dense array or of the entries of a sparse one."""
        if not wrong.any():
            return
        row, column = first_entry(wrong, codes)
        space = self.spaces[column]
        raise ValueError(
            f"source {space.name!r} voted {int(codes[row, column])} on tasks {list(space.tasks)} (row {row}); "
            f"its labels are 1..{len(space.labels)}, 0 abstains"
        )

    @classmethod
    def from_array(cls, votes: Any, tasks: TaskGraph, names: Sequence[str] | None = None) -> LabelMatrix:
        """Wrap an array, DataFrame or scipy.sparse matrix whose columns all vote over the whole of F.

        Code c is the c-th feasible vector (for a single task: its c-th label), 0 abstains. Columns are
        named by `names`, a DataFrame's columns, or source_0, source_1, ...
        Raises ValueError as `LabelMatrix`.
        """
        if isinstance(votes, pd.DataFrame):
            names = [str(column) for column in votes.columns] if names is None else names
            missing = votes.isna().to_numpy()
            if missing.any():
                row, column = first_entry(missing, votes)
                raise ValueError(f"source {names[column]!r} voted nothing (row {row}, missing); 0 abstains")
            votes = votes.to_numpy()
        codes = votes if sparse.issparse(votes) else np.asarray(votes)
        if codes.ndim != 2:
            raise ValueError(f"votes must have shape (n, m); got {codes.shape}")
        called = [f"source_{i}" for i in range(codes.shape[1])] if names is None else list(names)
        if len(called) != codes.shape[1]:
            raise ValueError(f"{len(called)} names for {codes.shape[1]} columns of votes")
        spaces = [LabelSpace(name, tasks.names, tasks.feasible) for name in called]
        return cls(codes, spaces, tasks)

    @property
    def codes(self) -> npt.NDArray[np.integer[Any]]:
        """The codes as a dense array (n, m); of a sparse matrix a copy of n m bytes, made anew each time."""
        return np.asarray(self.votes.toarray() if sparse.issparse(self.votes) else self.votes)

    @cached_property
    def _by_column(self) -> Any:
        return self.votes.tocsc()

    def column(self, column: int) -> npt.NDArray[np.integer[Any]]:
        """Return the codes of one source, (n,)."""
        if sparse.issparse(self.votes):
            return np.asarray(self._by_column[:, [column]].toarray()[:, 0])
        return np.asarray(self.votes[:, column])

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """The first vote indicator of each source, and their number, (m + 1,); see `metal.indicators`."""
        return offsets_of(self.spaces)

    def indicators(self) -> Indicators:
        """Return the vote indicators psi: one column per (source, label), in source order."""
        return Indicators.of(self.votes, self.offsets)

    def blocks(self, size: int) -> Iterator[LabelMatrix]:
        """Cut the rows into label matrices of `size` rows."""
        return (self.rows(rows) for rows in row_blocks(len(self), size))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sources, in column order."""
        return tuple(space.name for space in self.spaces)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return self.votes.shape[0], self.votes.shape[1]

    def __len__(self) -> int:
        return int(self.votes.shape[0])

    def rows(self, selection: Any) -> LabelMatrix:
        """Return the label matrix of a selection of rows (a mask, slice or array of positions)."""
        result = copy(self)
        result.__dict__.pop("_by_column", None)
        result.votes = self.votes[selection]  # codes that were checked already
        return result

    def allowed(self, column: int) -> npt.NDArray[np.bool_]:
        """Return the set of feasible vectors of each code of a column, shape (k + 1, |F|); abstain: all."""
        events = self.spaces[column].events(self.tasks)
        return np.concatenate([np.ones((1, events.shape[1]), dtype=bool), events])

    @property
    def unvoted(self) -> npt.NDArray[np.bool_]:
        """Whether no source votes, for each row, (n,): its label is but the class balance, and tells nothing."""
        voters: npt.NDArray[np.int64] = np.asarray(self._voted_by().sum(axis=1)).reshape(-1)
        return np.asarray(voters == 0, dtype=bool)

    def coverage(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which each source votes, shape (m,)."""
        return np.asarray(self._voted_by().mean(axis=0), dtype=np.float64)

    def overlap(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which each source votes and another votes too, shape (m,)."""
        voted = self._voted_by()
        contested = np.asarray(voted.sum(axis=1)).reshape(-1) > 1
        return np.asarray(voted[contested].sum(axis=0) / max(len(self), 1), dtype=np.float64).reshape(-1)

    def _voted_by(self) -> Any:
        """Return whether each source votes on each row, (n, m), as dense or sparse as the votes."""
        return self.votes != ABSTAIN

    def conflicts(self) -> npt.NDArray[np.float64]:
        """Return the share of rows on which two sources vote for disjoint sets of F, shape (m, m).

        A coarse and a fine vote that agree (Acute, Emergent) are no conflict: their sets intersect.
        """
        n, m = self.shape
        result = np.zeros((m, m))
        indicators = [
            np.equal.outer(np.arange(1, len(space.labels) + 1), self.column(i)).astype(np.float64)
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
        allowed = [self.allowed(i)[self.column(i)] for i in range(m)]
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


def offsets_of(spaces: Sequence[LabelSpace]) -> npt.NDArray[np.int64]:
    """Return the first vote indicator of each source, and the number of indicators, (m + 1,)."""
    return np.cumsum([0, *(len(space.labels) for space in spaces)], dtype=np.int64)


def code_type(spaces: Sequence[LabelSpace]) -> np.dtype[Any]:
    """Return the type that codes of these label spaces are kept in."""
    return np.dtype(np.int8 if max((len(space.labels) for space in spaces), default=0) < 128 else np.int16)
