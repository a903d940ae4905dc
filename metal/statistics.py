"""Sufficient statistics of a label matrix: the distinct rows with their counts.

Everything the label model fits from is here: the number of rows n, the distinct vote rows with how
often each occurs, and what follows from them (totals, co-occurrences). Statistics of partitions add up:
`Statistics.of(a) + Statistics.of(b)` equals the statistics of the rows together, to the last bit.

Rows are kept as the positions of their votes (`metal.indicators`): 4 bytes a vote, none for an abstain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metal.indicators import Indicators, row_blocks
from metal.label_matrix import LabelMatrix, LabelSpace, code_type, offsets_of
from metal.tasks import TaskGraph

Codes = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Statistics:
    """Distinct vote rows and their counts.

    Parameters
    ----------
    rows : (u, m) codes; equal rows are merged and ordered (`distinct`), so that equal data compare equal
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
        self._merge(votes.indicators(), counts, votes.spaces, tasks)

    def _merge(
        self, psi: Indicators, counts: npt.NDArray[Any] | None, spaces: tuple[LabelSpace, ...], tasks: TaskGraph
    ) -> None:
        """Take rows over, equal ones as one. counts=None: one each."""
        self.spaces = spaces
        self.tasks = tasks
        first, group = distinct(psi, offsets_of(spaces))
        self.indicators = psi.take(first)
        """The vote indicators psi of the distinct rows: one column per (source, label), in source order."""
        whole = counts is None or counts.dtype.kind in "iub"
        merged = np.bincount(group, weights=counts, minlength=len(first))
        self.counts: npt.NDArray[Any] = merged.astype(np.int64 if whole else np.float64)

    @classmethod
    def of(cls, *parts: LabelMatrix) -> Statistics:
        """Return the statistics of a label matrix, or of several with the same columns, in one pass."""
        votes = parts[0]
        sizes = [len(space.labels) + 1 for space in votes.spaces]
        if math.prod(sizes) < EXACT and not any(sparse.issparse(part.votes) for part in parts):
            keys = np.concatenate([packed(part.votes, sizes) for part in parts])
            different, counts = counted(keys, math.prod(sizes))
            rows = unpacked(different, sizes, votes.votes.dtype)
            return cls._settled(Indicators.of(rows, votes.offsets), counts, votes.spaces, votes.tasks)
        self = cls.__new__(cls)
        psi = Indicators.concatenated([part.indicators() for part in parts])
        self._merge(psi, None, votes.spaces, votes.tasks)
        return self

    @classmethod
    def _settled(cls, psi: Indicators, counts: Ints, spaces: tuple[LabelSpace, ...], tasks: TaskGraph) -> Statistics:
        """Take over rows that are distinct and in order."""
        self = cls.__new__(cls)
        self.spaces, self.tasks, self.indicators, self.counts = spaces, tasks, psi, counts
        return self

    def __add__(self, other: Statistics) -> Statistics:
        """Merge the statistics of two partitions. Raises ValueError if their sources or tasks differ."""
        return self._together([self, other])

    def reweighted(self, counts: npt.NDArray[Any]) -> Statistics:
        """Return statistics of the same rows with other counts, (u,), without the rows that then count nothing."""
        kept = np.flatnonzero(counts > 0)
        return self._settled(self.indicators.take(kept), counts[kept], self.spaces, self.tasks)

    @classmethod
    def total(cls, parts: Iterable[Statistics]) -> Statistics:
        """Merge the statistics of many partitions, holding few of them at a time.

        Like is added to like, FAN at once, as digits are carried: each row is merged a number of times that grows with
        the logarithm of the number of partitions only.
        Raises ValueError for no partition, and if sources or tasks differ.
        """
        waiting: list[list[Statistics]] = []  # by how often they were merged
        for part in parts:
            carried, level = part, 0
            while level < len(waiting) and len(waiting[level]) == FAN - 1:
                carried, waiting[level], level = cls._together([*waiting[level], carried]), [], level + 1
            waiting += [[] for _ in range(level + 1 - len(waiting))]
            waiting[level].append(carried)
        left = [part for level in reversed(waiting) for part in level]
        if not left:
            raise ValueError(
                "there is no partition to add up: the votes come in no batch at all; give one, empty or not"
            )
        return cls._together(left)

    @classmethod
    def _together(cls, parts: Sequence[Statistics]) -> Statistics:
        """Merge some statistics at once."""
        first = parts[0]
        for other in parts[1:]:
            if first.spaces != other.spaces or first.tasks != other.tasks:
                raise ValueError(
                    f"statistics of different sources or tasks do not add: {list(first.names)} and {list(other.names)}"
                )
        parts = [part for part in parts if len(part)] or [first]
        if len(parts) == 1:
            return parts[0]
        merged = cls.__new__(cls)
        psi = Indicators.concatenated([part.indicators for part in parts])
        merged._merge(psi, np.concatenate([part.counts for part in parts]), first.spaces, first.tasks)
        return merged

    def __len__(self) -> int:
        """Return the number of distinct rows."""
        return len(self.indicators)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Statistics)
            and (self.spaces, self.tasks) == (other.spaces, other.tasks)
            and np.array_equal(self.indicators.start, other.indicators.start)
            and np.array_equal(self.indicators.index, other.indicators.index)
            and np.array_equal(self.counts, other.counts)
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def __repr__(self) -> str:
        return f"Statistics({self.n:g} rows, {len(self)} distinct, {len(self.spaces)} sources)"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sources, in column order."""
        return tuple(space.name for space in self.spaces)

    @cached_property
    def n(self) -> float:
        """The number of rows, or the total weight."""
        return float(self.counts.sum())

    @cached_property
    def rows(self) -> Codes:
        """The distinct rows as dense codes, (u, m): u m bytes, made when first asked for."""
        return self.select(range(len(self.spaces)))

    def select(self, columns: Sequence[int]) -> Codes:
        """Return the codes of some sources on the distinct rows, (u, len(columns))."""
        return self.indicators.codes(offsets_of(self.spaces), code_type(self.spaces), columns)

    @cached_property
    def totals(self) -> tuple[Floats, ...]:
        """For each source the count of every code, abstain first, shape (k + 1,)."""
        offsets = offsets_of(self.spaces)
        cast = np.split(self.indicators.column_sums(self.counts), offsets[1:-1])
        # Of a population's shares a difference can miss zero by a rounding error; whether anyone abstains is counted.
        whole = self.counts.dtype.kind == "i"
        cases = self.counts if whole else self.counts > 0
        voters = cast if whole else np.split(self.indicators.column_sums(cases), offsets[1:-1])
        return tuple(
            np.concatenate([[max(self.n - part.sum(), 0.0) if by.sum() < cases.sum() else 0.0], part])
            for part, by in zip(cast[: len(self.spaces)], voters[: len(self.spaces)], strict=True)
        )

    @cached_property
    def voted(self) -> npt.NDArray[np.bool_]:
        """Whether any source votes, for each distinct row, shape (u,)."""
        return np.diff(self.indicators.start) > 0

    @cached_property
    def cooccurrences(self) -> Floats:
        """O[a, b]: the share of rows on which the votes a and b, (source, label) pairs, both occur, (D, D)."""
        return self.indicators.together(self.counts) / max(self.n, np.finfo(float).tiny)


FAN = 8
"""Statistics that are merged at once."""
EXACT = 2**53
"""Up to here whole numbers, and their sums, are exact in floating point; in single precision up to EXACT_SINGLE."""
EXACT_SINGLE = 2**24
LARGEST_KEY = 2**63


def packed(codes: Codes, sizes: Sequence[int]) -> Ints:
    """Return rows of codes (n, m) as numbers, equal for equal rows and ordered like the rows, (n,).

    sizes : (m,) above the codes of each column; their product must stay below EXACT
    """
    places = _places(sizes).astype(np.float32 if math.prod(sizes) < EXACT_SINGLE else np.float64)
    keys = np.empty(len(codes), dtype=np.int64)
    for rows in row_blocks(len(codes)):
        keys[rows] = codes[rows].astype(places.dtype) @ places
    return keys


def counted(keys: Ints, possible: int) -> tuple[Ints, Ints]:
    """Return the distinct numbers in order, out of 0..possible - 1, and how often each occurs."""
    if possible > 4 * len(keys) + 1_000:
        different, counts = np.unique(keys, return_counts=True)
        return different, counts.astype(np.int64)
    counts = np.bincount(keys, minlength=possible)
    different = np.flatnonzero(counts)
    return different, counts[different].astype(np.int64)


def ranked(keys: Ints, possible: int) -> tuple[Ints, Ints]:
    """Return the distinct numbers in order, out of 0..possible - 1, and for each number its position among them."""
    if possible > 4 * len(keys) + 1_000:
        different, place = np.unique(keys, return_inverse=True)
        return different, place.astype(np.int64)
    seen = np.zeros(possible, dtype=bool)
    seen[keys] = True
    rank = np.cumsum(seen) - 1
    return np.flatnonzero(seen), rank[keys]


def unpacked(keys: Ints, sizes: Sequence[int], dtype: Any) -> Codes:
    """Return the rows of codes (n, m) that `packed` made the numbers of."""
    rows = np.empty((len(keys), len(sizes)), dtype=dtype)
    for column, (place, size) in enumerate(zip(_places(sizes), sizes, strict=True)):
        rows[:, column] = keys // place % size
    return rows


def distinct(psi: Indicators, offsets: Ints) -> tuple[Ints, Ints]:
    """Return where each distinct row occurs, in order, (u,), and for each row its position among them, (n,).

    Rows are told apart by one number each, since sorting numbers is many times faster than sorting rows: in
    lexicographic order of their codes where those fit into 63 bits, else by a 64-bit sum of random numbers, one a
    vote. Rows of equal sums are compared, and if a pair differs, other random numbers are drawn: a collision costs
    time but never exactness, and the order depends on nothing but the set of rows.
    """
    sizes = np.diff(offsets) + 1
    exact = math.prod(sizes.tolist()) < LARGEST_KEY
    seed = 20190127
    while True:
        if exact:
            code = np.arange(psi.width) - np.repeat(offsets[:-1], sizes - 1) + 1
            values = (code * np.repeat(_places(sizes.tolist()), sizes - 1)).astype(np.uint64)
        else:
            values = np.random.default_rng(seed).integers(1, 2**64, size=psi.width, dtype=np.uint64)
        keys = psi.sums(values)
        order = np.argsort(keys)
        keys = keys[order]
        new = np.ones(len(keys), dtype=bool)
        np.not_equal(keys[1:], keys[:-1], out=new[1:])
        first, place = order[new], np.cumsum(new) - 1
        if exact or psi.equal(order[~new], first[place[~new]]):
            group = np.empty_like(order)
            group[order] = place
            return first, group
        seed += 1


def distinct_rows(codes: Codes) -> tuple[Codes, Ints]:
    """Return the distinct rows of codes (n, m) in lexicographic order, and for each row its position among them."""
    sizes = codes.max(axis=0, initial=0).astype(np.int64) + 1
    if math.prod(sizes.tolist()) < EXACT:
        keys, place = ranked(packed(codes, sizes.tolist()), math.prod(sizes.tolist()))
        return unpacked(keys, sizes.tolist(), codes.dtype), place
    offsets = np.concatenate([[0], np.cumsum(sizes - 1)])
    first, group = distinct(Indicators.of(codes, offsets), offsets)
    order = np.lexsort(codes[first].T[::-1])
    return codes[first[order]], np.argsort(order)[group]


def _places(sizes: Sequence[int]) -> Ints:
    """Return the place value of each column, the first the highest."""
    return np.cumprod([1, *reversed(sizes[1:])], dtype=np.int64)[::-1][: len(sizes)]
