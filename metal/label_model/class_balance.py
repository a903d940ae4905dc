"""The class balance P(Y) over F: given, counted from gold labels, or learned with the model (EM)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]


def uniform_balance(tasks: TaskGraph) -> Floats:
    """Return the balance in which every feasible vector is as likely, shape (r,)."""
    return np.full(len(tasks.feasible), 1 / len(tasks.feasible))


def counted_balance(gold: npt.NDArray[np.integer[Any]], tasks: TaskGraph, *, pseudocount: float = 1.0) -> Floats:
    """Return the smoothed shares of gold labels, indices into F: shape (r,), all positive.

    `pseudocount` examples of every feasible vector are added, so that none is impossible.
    Raises ValueError for an index outside F and for a pseudocount that is not positive.
    """
    r = len(tasks.feasible)
    if pseudocount <= 0:
        raise ValueError(f"pseudocount must be positive, or a class without gold becomes impossible; got {pseudocount}")
    if gold.size and (gold.min() < 0 or gold.max() >= r):
        raise ValueError(f"gold labels must be indices 0..{r - 1} into F; got {gold.min()}..{gold.max()}")
    counts = np.bincount(gold.astype(np.int64), minlength=r) + pseudocount
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def checked_balance(balance: npt.ArrayLike, tasks: TaskGraph) -> Floats:
    """Return a given balance as an array (r,). Raises ValueError unless it is positive and sums to one."""
    r = len(tasks.feasible)
    try:
        array = np.asarray(balance, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"class_balance must be {r} numbers; got {balance!r}") from error
    if array.shape != (r,):
        raise ValueError(
            f"class_balance must have {r} entries, one a feasible vector {list(tasks.feasible)}; got {array.shape}"
        )
    if not np.isfinite(array).all() or (array <= 0).any():
        wrong = tasks.feasible[int(np.flatnonzero(~(np.isfinite(array) & (array > 0)))[0])]
        raise ValueError(
            f"class_balance must be positive: P(Y = {wrong}) is {array[tasks.feasible.index(wrong)]}. "
            "Leave an impossible vector out of the feasible set instead."
        )
    if abs(array.sum() - 1) > 1e-6:
        raise ValueError(f"class_balance must sum to one; it sums to {array.sum():.6g}")
    return np.asarray(array / array.sum())
