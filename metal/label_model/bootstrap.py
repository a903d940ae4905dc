"""Standard errors by the bootstrap, for estimators that solve moments, and for "map" where it shrinks.

Rows are drawn with replacement: the counts of the distinct rows are multinomial with their shares. The estimator
runs again on each draw, balance and all, and the standard deviation over draws is the standard error.

Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from metal.label_model.moments import NotIdentifiableError
from metal.label_model.uncertainty import thinned
from metal.statistics import Statistics

DRAWS = 100


def bootstrap_errors(
    accuracies: Callable[[Statistics], Mapping[str, float]], statistics: Statistics, n: float, *, seed: int
) -> dict[str, float]:
    """Return the standard error of every source's accuracy at n rows, by source name.

    accuracies : runs the estimator; a draw without votes, or one that it refuses as not identifiable, makes
        every error infinite, for then the next sample may well not determine the accuracies

    The error of a source that never votes is infinite: what it is taken for is assumed.
    """
    random = np.random.default_rng(seed)
    statistics = thinned(statistics, seed)
    found: list[list[float]] = []
    for _ in range(DRAWS):
        counts = random.multinomial(int(n), statistics.counts / statistics.counts.sum())
        if not counts[statistics.voted].any():
            return dict.fromkeys(statistics.names, float("inf"))
        try:
            estimated = accuracies(statistics.reweighted(counts))
        except NotIdentifiableError:
            return dict.fromkeys(statistics.names, float("inf"))
        found.append([estimated[name] for name in statistics.names])
    voting = [total[1:].any() for total in statistics.totals]
    return dict(zip(statistics.names, np.where(voting, np.std(found, axis=0, ddof=1), np.inf).tolist(), strict=True))
