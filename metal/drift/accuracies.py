"""Drift of estimated accuracies: does a label model that is fitted to the new votes find the same accuracies?

The difference of the two fits is measured in the standard errors of both. But "map" draws accuracies to a prior, the
more so, the fewer rows there are: two samples of one population give different accuracies on average if they differ in
size, which no standard error tells. So its fit is repeated on rows drawn with replacement from the snapshot, as many as
there are new ones: these say what to expect of unchanged data at this size, and how much that scatters. The same on
draws of the snapshot's own size gives the training fit's error.

Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979; the t distribution of a
mean over few draws after Student, "The Probable Error of a Mean", Biometrika 6, 1908.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from metal.label_model import LabelModel, OneSidedVotesWarning, SuspectedDependencyWarning
from metal.statistics import Statistics

REFITS = 50
"""Draws of either size; the tests are as cautious as so few draws demand."""
ROUNDS = 4
"""How often the sources that drifted are left out and the rest is fitted again, to tell causes from consequences."""

Floats = npt.NDArray[np.float64]
Tick = Callable[[], None]


@dataclass(frozen=True)
class AccuracyDrift:
    """The estimated accuracy of one source, P(vote correct | voted), in training and on new data.

    train, new : what the fits to either say
    expected : what a fit to as many unchanged rows as there are new ones would say on average
    train_error, new_error : standard errors of the fits
    z : (new - expected) / both errors
    p : how often unchanged data would be as far off
    """

    source: str
    train: float
    new: float
    expected: float
    train_error: float
    new_error: float
    z: float
    p: float


def accuracy_drift(
    params: Mapping[str, Any],
    train: Statistics,
    new: Statistics,
    *,
    refits: int = REFITS,
    seed: int = 0,
    ignoring: Collection[str] = (),
    tick: Tick = lambda: None,
) -> list[AccuracyDrift]:
    """Fit both and compare the accuracies of the sources.

    params : arguments of `LabelModel`, as the training fit had them
    refits : draws of either size, for "map"
    ignoring : sources to leave out
    tick : called after every refit

    Raises ValueError for fewer than ten refits, and as `LabelModel.fit`.
    """
    if refits < 10:
        raise ValueError(f"refits={refits}: a standard error from fewer than 10 draws says nothing; give 30 to 100")
    kept = [name for name in train.names if name not in ignoring]
    if not kept:
        return []
    train, new = (_restricted(statistics, kept) for statistics in (train, new))
    own = dict(params) | {"dependencies": [pair for pair in params["dependencies"] if set(pair) <= set(kept)]}
    before, after = _fitted(own, train), _fitted(own, new)
    trained, found = (np.array([model.accuracies_[name] for name in kept]) for model in (before, after))
    if own["estimator"] != "map":
        train_error, new_error = (
            np.array([model.standard_errors_[name] for name in kept]) for model in (before, after)
        )
        expected, freedom = trained, math.inf
    else:
        random = np.random.default_rng(seed)
        at_new = _redrawn(own, train, new.n, refits, random, tick)
        at_train = at_new if new.n == train.n else _redrawn(own, train, train.n, refits, random, tick)
        expected, freedom = at_new.mean(axis=0), refits - 1.0
        train_error, new_error = at_train.std(axis=0, ddof=1), at_new.std(axis=0, ddof=1)
    # No accuracy is known better than to a vote, though an estimate at an edge may not move from draw to draw.
    both = np.sqrt(train_error**2 + new_error**2 + np.array(_vote(train, new)) ** 2)
    z = (found - expected) / both
    p = 2 * stats.t.sf(np.abs(z), freedom) if math.isfinite(freedom) else 2 * stats.norm.sf(np.abs(z))
    columns = (kept, trained, found, expected, train_error, new_error, z, p)
    return [AccuracyDrift(str(row[0]), *(float(value) for value in row[1:])) for row in zip(*columns, strict=True)]


def unsteady(
    compare: Callable[[Collection[str]], list[AccuracyDrift]], false_alarms: float, named: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the sources whose accuracy has drifted, without those that only look so beside one that has.

    compare : `accuracy_drift` without the sources it is given
    false_alarms : probability of one, for each source
    named : sources that are known to have drifted

    The one that is farthest off is left out and the rest fitted again; those still off after ROUNDS are all named.
    """
    new: list[str] = []
    for _ in range(ROUNDS):
        off = [drift for drift in compare([*named, *new]) if drift.p < false_alarms]
        if not off:
            return tuple(new)
        new.append(min(off, key=lambda drift: (drift.p, -abs(drift.z))).source)
    return (*new, *(drift.source for drift in compare([*named, *new]) if drift.p < false_alarms))


def _fitted(params: Mapping[str, Any], statistics: Statistics) -> LabelModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OneSidedVotesWarning)
        warnings.simplefilter("ignore", SuspectedDependencyWarning)  # said when the model was trained
        return LabelModel(**params).fit(statistics)


def _redrawn(
    params: Mapping[str, Any], statistics: Statistics, n: float, refits: int, random: np.random.Generator, tick: Tick
) -> Floats:
    """Return the accuracies of fits to n rows drawn with replacement, (refits, m)."""
    shares = statistics.counts / statistics.n
    found: list[list[float]] = []
    while len(found) < refits:
        drawn = statistics.reweighted(random.multinomial(int(n), shares))
        if drawn.counts[drawn.voted].any():
            found.append(list(_fitted(params, drawn).accuracies_.values()))
        tick()
    return np.array(found)


def _restricted(statistics: Statistics, names: Collection[str]) -> Statistics:
    """Return the statistics of some sources, in the order of the columns."""
    columns = [position for position, name in enumerate(statistics.names) if name in names]
    if len(columns) == len(statistics.names):
        return statistics
    spaces = [statistics.spaces[column] for column in columns]
    return Statistics(statistics.select(columns), statistics.counts, spaces, statistics.tasks)


def _vote(train: Statistics, new: Statistics) -> Floats:
    """Return what one vote more or less can change in each source's accuracy, (m,)."""
    cast = [np.array([part[1:].sum() for part in statistics.totals]) for statistics in (train, new)]
    return np.asarray(0.5 / np.maximum(np.minimum(*cast), 1.0))
