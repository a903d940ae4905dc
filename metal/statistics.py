"""Sufficient statistics of a label matrix: the distinct rows with their counts.

Everything the label model fits from is here: the number of rows n, the distinct vote rows with how
often each occurs, and what follows from them (totals, co-occurrences). Statistics of partitions add up:
`Statistics.of(a) + Statistics.of(b)` equals the statistics of the rows together, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metal.label_matrix import ABSTAIN, LabelMatrix, LabelSpace
from metal.tasks import TaskGraph

Codes = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]


class Statistics:
    """Distinct vote rows and their counts.

    Parameters
    ----------
    rows : (u, m) codes; equal rows are merged and the rows sorted, so that equal data compare equal
    counts : (u,) non-negative: whole numbers for a sample, or probabilities for an exact population

    Raises ValueError for codes outside the label spaces and for negative or non-finite counts.
    """

    def __init__(
        self,
        rows: Codes,
        counts: npt.NDArray[Any],
        spaces: Sequence[LabelSpace],
        tasks: TaskGraph,
    ) -> None:
        votes = LabelMatrix(rows, spaces, tasks)
        if counts.shape != (len(votes),):
            raise ValueError(f"counts must have shape ({len(votes)},), one a row; got {counts.shape}")
        if not np.isfinite(counts).all() or (counts < 0).any():
            raise ValueError("counts of vote rows must be finite and not negative")
        self.spaces = votes.spaces
        self.tasks = tasks
        self.rows, inverse = distinct_rows(votes.codes)
        whole = counts.dtype.kind in "iub"
        merged = np.bincount(
            inverse, weights=None if whole and (counts == 1).all() else counts, minlength=len(self.rows)
        )
        self.counts: npt.NDArray[Any] = merged.astype(np.int64) if whole else merged.astype(np.float64)

    @classmethod
    def of(cls, votes: LabelMatrix) -> Statistics:
        """Return the statistics of a label matrix, in one pass."""
        return cls(votes.codes, np.ones(len(votes), dtype=np.int64), votes.spaces, votes.tasks)

    def __add__(self, other: Statistics) -> Statistics:
        """Merge the statistics of two partitions. Raises ValueError if their sources or tasks differ."""
        if self.spaces != other.spaces or self.tasks != other.tasks:
            raise ValueError(
                f"statistics of different sources or tasks do not add: {list(self.names)} and {list(other.names)}"
            )
        return Statistics(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.counts, other.counts]),
            self.spaces,
            self.tasks,
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Statistics)
            and (self.spaces, self.tasks) == (other.spaces, other.tasks)
            and np.array_equal(self.rows, other.rows)
            and np.array_equal(self.counts, other.counts)
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def __repr__(self) -> str:
        return f"Statistics({self.n:g} rows, {len(self.rows)} distinct, {len(self.spaces)} sources)"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sources, in column order."""
        return tuple(space.name for space in self.spaces)

    @cached_property
    def n(self) -> float:
        """The number of rows, or the total weight."""
        return float(self.counts.sum())

    @cached_property
    def totals(self) -> tuple[Floats, ...]:
        """For each source the count of every code, abstain first, shape (k + 1,)."""
        weights = self.counts.astype(np.float64)
        return tuple(
            np.asarray(np.bincount(self.rows[:, i], weights, len(space.labels) + 1), dtype=np.float64)
            for i, space in enumerate(self.spaces)
        )

    @cached_property
    def voted(self) -> npt.NDArray[np.bool_]:
        """Whether any source votes, for each distinct row, shape (u,)."""
        return np.asarray((self.rows != ABSTAIN).any(axis=1))

    @cached_property
    def indicators(self) -> Any:
        """The vote indicators psi: sparse (u, D), one column per (source, label), in source order."""
        offsets = np.cumsum([0, *(len(space.labels) for space in self.spaces)])
        where, column = np.nonzero(self.rows)
        position = offsets[column] + self.rows[where, column].astype(np.int64) - 1
        shape = (len(self.rows), int(offsets[-1]))
        return sparse.csr_array((np.ones(len(where)), (where, position)), shape=shape)

    @cached_property
    def cooccurrences(self) -> Floats:
        """O[a, b]: the share of rows on which the votes a and b, (source, label) pairs, both occur, (D, D)."""
        psi = self.indicators
        weighted = psi.multiply(self.counts[:, None] / max(self.n, np.finfo(float).tiny))
        return np.asarray((psi.T @ weighted.tocsr()).toarray(), dtype=np.float64)


def distinct_rows(codes: Codes) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Return the distinct rows in lexicographic order, and for each row its position among them.

    Rows are told apart by a 64-bit hash first, since sorting numbers is many times faster than sorting
    rows; the result is then compared with the input, so a collision costs time but never exactness.
    """
    n, m = codes.shape
    random = np.random.default_rng(20190127)
    multipliers = np.bitwise_or(random.integers(1, 2**63, size=m, dtype=np.uint64), np.uint64(1)).reshape(m)
    keys = np.zeros(n, dtype=np.uint64)
    for column in range(m):
        keys += codes[:, column].astype(np.uint64) * multipliers[column]
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    rows = codes[first]
    if not np.array_equal(rows[inverse], codes):
        rows, inverse = np.unique(codes, axis=0, return_inverse=True)
        return rows, inverse.reshape(-1).astype(np.int64)
    order = np.lexsort(rows.T[::-1]) if m else np.arange(len(rows))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rows[order], rank[inverse]
