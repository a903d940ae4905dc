"""The vote indicators psi, row by row: which (source, label) pairs a row of votes holds.

What the fit and the posterior do with votes is adding up tables over the votes of each row, and adding up rows by
vote: products with the (n, D) indicator matrix, D the number of (source, label) pairs. Kept as the positions of its
ones, 4 bytes a vote, and multiplied block by block, so that nothing of the size (n, m) or (n, r) comes about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BLOCK = 8_192
"""Rows multiplied at a time: their (rows, r) temporaries stay in the processor's cache."""
CELLS = 1 << 20
"""Cells of a dense matrix searched at a time."""
RARE = 12
"""Cells to a vote from which votes are rare."""


@dataclass(frozen=True)
class Indicators:
    """A matrix of zeros and ones, shape (n, width).

    index : (nnz,) columns of the ones, row after row, ascending within a row
    start : (n + 1,) where each row's ones begin in `index`, and where the last row's end
    """

    index: npt.NDArray[np.int32]
    start: Ints
    width: int

    @classmethod
    def of(cls, codes: Any, offsets: Ints) -> Indicators:
        """Return the indicators of codes (n, m): code c > 0 of column i is column offsets[i] + c - 1.

        codes : a dense array, or a scipy.sparse CSR matrix with sorted indices and no zeros among its entries
        offsets : (m + 1,) the first indicator of each column, and their number
        """
        if sparse.issparse(codes):
            index = (offsets[codes.indices] + codes.data - 1).astype(np.int32)
            return cls(index, codes.indptr.astype(np.int64), int(offsets[-1]))
        n, m = codes.shape
        size = max(8, CELLS // max(m, 1) // 8 * 8)  # a multiple of eight, for `_nonzero`
        before = np.tile((offsets[:-1] - 1).astype(np.int32), min(size, n))
        start = np.zeros(n + 1, dtype=np.int64)
        index = np.empty(sum(np.count_nonzero(codes[rows]) for rows in row_blocks(n, size)), dtype=np.int32)
        filled = 0
        for rows in row_blocks(n, size):
            where, cast = _nonzero(np.ascontiguousarray(codes[rows]).reshape(-1))
            end = filled + len(where)
            np.add(before[where], cast, out=index[filled:end], casting="unsafe")
            ends = np.arange(1, rows.stop - rows.start + 1) * m
            start[rows.start + 1 : rows.stop + 1] = filled + np.searchsorted(where, ends)
            filled = end
        return cls(index, start, int(offsets[-1]))

    @classmethod
    def concatenated(cls, parts: Sequence[Indicators]) -> Indicators:
        """Stack matrices of equal width; a single one is returned as it is."""
        if len(parts) == 1:
            return parts[0]
        lengths = np.cumsum([0, *(part.start[-1] for part in parts)])
        start = [part.start[1:] + before for part, before in zip(parts, lengths[:-1], strict=True)]
        return cls(np.concatenate([p.index for p in parts]), np.concatenate([[0], *start]), parts[0].width)

    def __len__(self) -> int:
        return len(self.start) - 1

    @cached_property
    def blocks(self) -> tuple[tuple[slice, Any, Any], ...]:
        """BLOCK rows at a time as a scipy.sparse matrix, and its transpose; all blocks share one array of ones."""
        return tuple((rows, block, block.T) for rows, block in self._sparse_blocks(np.float64))

    @cached_property
    def _bytes(self) -> Any:
        """All rows as a scipy.sparse matrix, to take some of: it shares `index` while positions fit into 31 bits."""
        start = self.start.astype(np.int32 if len(self.index) < 2**31 else np.int64)
        return sparse.csr_array((np.ones(len(self.index), dtype=np.int8), self.index, start), (len(self), self.width))

    def _sparse_blocks(self, dtype: Any) -> Iterator[tuple[slice, Any]]:
        """Yield BLOCK rows at a time as a scipy.sparse matrix of ones of some type."""
        bounds = [(rows, int(self.start[rows.start]), int(self.start[rows.stop])) for rows in row_blocks(len(self))]
        ones = np.ones(max((last - first for _, first, last in bounds), default=0), dtype=dtype)
        for rows, first, last in bounds:
            start = (self.start[rows.start : rows.stop + 1] - first).astype(np.int32)
            shape = (rows.stop - rows.start, self.width)
            yield rows, sparse.csr_array((ones[: last - first], self.index[first:last], start), shape)

    def column_sums(self, weights: npt.NDArray[Any]) -> Floats:
        """Return the row weights (n,) added up by column, (width,)."""
        total = np.zeros(self.width)
        for rows, _, transposed in self.blocks:
            total += transposed @ weights[rows].astype(np.float64)
        return total

    def together(self, weights: npt.NDArray[Any]) -> Floats:
        """Return the row weights (n,) added up by pair of columns that a row holds both, (width, width)."""
        total = np.zeros((self.width, self.width))
        # Multiplying zeros is cheap where they come in dense blocks; where most are zeros, only pairs of ones are.
        dense = self.width * len(self) < 8 * len(self.index)
        for rows, block, transposed in self.blocks:
            weight = weights[rows].astype(np.float64)
            if dense:
                ones = block.toarray()
                total += ones.T @ (weight[:, None] * ones)
            else:
                weighted = (np.repeat(weight, np.diff(block.indptr)), block.indices, block.indptr)
                product = (transposed.tocsr() @ sparse.csr_array(weighted, block.shape)).tocoo()
                total[product.coords] += product.data
        return total

    def take(self, rows: Ints) -> Indicators:
        """Return some rows, given by their positions."""
        taken = self._bytes[rows]
        return Indicators(taken.indices.astype(np.int32, copy=False), taken.indptr.astype(np.int64), self.width)

    def sums(self, values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Return the sum of the values (width,) of each row's ones, modulo 2^64, (n,)."""
        result = np.empty(len(self), dtype=np.uint64)
        for rows, block in self._sparse_blocks(np.uint64):
            result[rows] = block @ values
        return result

    def equal(self, rows: Ints, others: Ints) -> bool:
        """Whether each of some rows, given by their positions, equals its counterpart."""
        for part in row_blocks(len(rows)):
            one, other = self.take(rows[part]), self.take(others[part])
            if not (np.array_equal(one.start, other.start) and np.array_equal(one.index, other.index)):
                return False
        return True

    def codes(self, offsets: Ints, dtype: Any, columns: Sequence[int] | None = None) -> npt.NDArray[Any]:
        """Return the dense codes (n, m) that `of` takes, or some columns of them."""
        chosen = np.arange(len(offsets) - 1) if columns is None else np.asarray(columns, dtype=np.int64)
        place = np.full(self.width, -1, dtype=np.int32)
        code = np.zeros(self.width, dtype=dtype)
        for position, column in enumerate(chosen):
            place[offsets[column] : offsets[column + 1]] = position
            code[offsets[column] : offsets[column + 1]] = np.arange(1, offsets[column + 1] - offsets[column] + 1)
        result = np.zeros((len(self), len(chosen)), dtype=dtype)
        for rows in row_blocks(len(self)):
            start = self.start[rows.start : rows.stop + 1]
            index = self.index[start[0] : start[-1]]
            row = np.repeat(np.arange(rows.start, rows.stop), np.diff(start))
            shown = place[index] >= 0
            result[row[shown], place[index[shown]]] = code[index[shown]]
        return result


def row_blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Cut n rows into slices of `size`."""
    return (slice(at, min(at + size, n)) for at in range(0, n, size))


def _nonzero(flat: npt.NDArray[np.integer[Any]]) -> tuple[Ints, npt.NDArray[np.integer[Any]]]:
    """Return positions and values of the entries that are not zero.

    Single bytes are sought eight at a time first where votes are rare: most eights are then all silent.
    """
    if flat.itemsize > 1 or len(flat) % 8 or RARE * np.count_nonzero(flat) > len(flat):
        where = np.flatnonzero(flat != 0)
        return where, flat[where]
    eights = flat.view(np.uint64)
    where = np.flatnonzero(eights != 0)
    values = eights[where].view(flat.dtype)
    inside = np.flatnonzero(values != 0)
    return (where * 8)[inside >> 3] + (inside & 7), values[inside]
