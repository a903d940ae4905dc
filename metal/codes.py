"""Arrays of vote codes, dense or sparse: brought to integers, each cell given once, and what is wrong named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse


def as_csr(votes: Any, names: Sequence[str]) -> Any:
    """Return a sparse matrix in CSR. Raises ValueError naming source and row of the first cell that is given twice.

    Its entries would be added up, two votes for one label to a vote for another.
    """
    if votes.format != "coo" and (rows := votes.tocsr()).has_canonical_format:
        return rows
    cells = votes.tocoo()
    order = np.lexsort((cells.col, cells.row))
    row, column = cells.row[order], cells.col[order]
    doubled = (row[1:] == row[:-1]) & (column[1:] == column[:-1])
    if doubled.any():
        first = int(doubled.argmax())
        given = [votes.item() for votes in cells.data[order[first : first + 2]]]
        raise ValueError(
            f"source {names[column[first]]!r} has two votes on one row (row {row[first]}): {given}; give each cell once"
        )
    return cells.tocsr()


def whole_numbers(votes: Any, names: Sequence[str]) -> Any:
    """Return votes, dense or sparse, as integers. Raises ValueError naming the first NaN or fraction by source and row.

    What holds integers already is returned as it is.
    """
    values = votes.data if sparse.issparse(votes) else votes
    if values.dtype.kind in "iu":
        return votes
    if values.dtype.kind == "b":
        return votes.astype(np.int8)
    if values.dtype.kind == "O":
        # numpy takes '1' for 1 in an array of objects, but not in one of strings.
        texts = np.array([isinstance(value, str | bytes) for value in values.flat], dtype=bool).reshape(values.shape)
        if texts.any():
            row, column = first_entry(texts, votes)
            raise ValueError(
                f"source {names[column]!r} voted {votes[row, column]!r} (row {row}); "
                "votes must be integer codes, 0 for abstain, not text"
            )
    try:
        numbers = values.astype(np.float64, casting="unsafe" if values.dtype.kind == "O" else "same_kind")
    except (TypeError, ValueError) as error:
        raise ValueError(f"votes must be integer codes, 0 for abstain; got {values.dtype}: {error}") from error
    wrong = ~(np.abs(numbers) < 2**31) | (numbers != np.floor(numbers))  # NaN compares false
    if wrong.any():
        row, column = first_entry(wrong, votes)
        raise ValueError(
            f"source {names[column]!r} voted {votes[row, column]} (row {row}); votes are integer codes, 0 abstains"
        )
    whole = numbers.astype(np.int64)
    return sparse.csr_array((whole, votes.indices, votes.indptr), votes.shape) if sparse.issparse(votes) else whole


def first_entry(chosen: npt.NDArray[np.bool_], codes: Any) -> tuple[int, int]:
    """Return row and column of the first entry chosen, of a dense array (n, m) or of the entries of a CSR matrix."""
    if not sparse.issparse(codes):
        return tuple(int(x) for x in np.argwhere(chosen)[0])  # type: ignore[return-value]  # two of them
    entry = int(chosen.argmax())
    return int(np.searchsorted(codes.indptr, entry, side="right")) - 1, int(codes.indices[entry])
