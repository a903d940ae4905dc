"""The class balance P(Y) over F: given, counted from gold labels, rectified by guesses, or learned with the model (EM).

Source: prediction-powered inference with a tuned power, Angelopoulos, Duchi and Zrnic, "PPI++", 2023; the regression
estimator of survey sampling (Cochran, "Sampling Techniques", 1977, chapter 7) is the same.
"""

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


def rectified_balance(
    gold: npt.NDArray[np.integer[Any]], guesses: Floats, expected: Floats, rows: float, tasks: TaskGraph
) -> Floats:
    """Return shares of few gold labels, mended by guesses at the labels of many rows: (r,), all positive, sum one.

    Guesses are known where gold is and where it is not. Whatever they are worth, what the gold rows have too much of
    by them, against all rows, they have too much of by gold as well, in the ratio lambda:

        p = counted - lambda (mean of guesses - expected),   lambda = cov(gold, guess) / ((1 + n / rows) var(guess))

    with covariance and variance summed over F. Guesses that tell nothing have lambda 0, and leave the counts.

    guesses : (n, r) probabilities of the rows of `gold` (n,), by anything that never saw gold, such as majority vote
    expected : (r,) the mean of such guesses over `rows` rows of the same kind

    Raises ValueError as `counted_balance`.
    """
    counted = counted_balance(gold, tasks)
    if not len(gold):
        return counted
    truth = np.eye(len(counted))[gold]
    spread = guesses - guesses.mean(axis=0)
    variance = float((spread**2).sum())
    if variance <= 0:
        return counted
    power = float((spread * (truth - truth.mean(axis=0))).sum()) / (variance * (1 + len(gold) / rows))
    # No class is rarer than it would be counted without a single label of it.
    mended = np.maximum(counted - power * (guesses.mean(axis=0) - expected), 1 / (len(gold) + len(counted)))
    return np.asarray(mended / mended.sum())


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
