"""Drift of vote rates: does a source vote, stand beside others and contradict them as often as in training?

A rate of the training snapshot is k of n; on n' new rows, or votes, k' is expected to follow the beta-binomial
distribution, which is what binomial counts are predicted to be once the rate is known from k of n only (Jeffreys'
prior). Its tails bound k': both samples' errors are in them, exactly also for rare sources, where a normal
approximation would raise false alarms.

Source: Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16, 2001, for
the prior; Aitchison and Dunsmore, "Statistical Prediction Analysis", 1975, chapter 2, for the prediction.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from metal.statistics import Statistics

RATES = ("coverage", "overlap", "conflict")
"""Share of rows that a source votes on; shares of its votes beside another's, and that contradict another's."""
REACH = 40.0
"""Standard deviations to either side over which a count's distribution is taken: a rare source's tail is long."""
GRID = 50_000
"""Counts at which it is taken at most; of larger samples every second, third, ..."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RateDrift:
    """A rate of one source in training and on new data.

    rate : one of RATES
    train, new : the rates, NaN where there is nothing to take a share of
    train_trials, new_trials : rows, or votes, of which they are shares
    low, high : what `new` must lie between
    z : how far the new count lies from the expected one, in standard deviations of the prediction
    """

    source: str
    rate: str
    train: float
    new: float
    train_trials: int
    new_trials: int
    low: float
    high: float
    z: float

    @property
    def drifted(self) -> bool:
        """Whether the new rate is out of its bounds."""
        return self.new < self.low or self.new > self.high  # no comparison with NaN holds


def rate_drift(
    train: Statistics, new: Statistics, false_alarms: float, ignoring: Collection[str] = ()
) -> list[RateDrift]:
    """Compare every rate of every source, with bounds that a rate of unchanged data leaves with that probability.

    false_alarms : in (0, 1), of one rate; for a family of tests divide by their number (Bonferroni)
    ignoring : sources to leave out, also as those whom others stand beside or contradict

    Raises ValueError for statistics of other sources, and for no rows.
    """
    if (train.spaces, train.tasks) != (new.spaces, new.tasks):
        raise ValueError(f"the snapshot has the sources {list(train.names)}, the new votes are of {list(new.names)}")
    if not train.n or not new.n:
        raise ValueError(f"there are {train.n:g} rows in training and {new.n:g} new ones; both need some")
    before, after = counts(train, ignoring), counts(new, ignoring)
    found = []
    for position, source in enumerate(train.names):
        for rate in RATES if source not in ignoring else ():
            k, n = (int(part[position]) for part in before[rate])
            seen, trials = (int(part[position]) for part in after[rate])
            low, high = predicted_counts(k, n, trials, false_alarms) if trials else (0, 0)
            found.append(
                RateDrift(
                    source,
                    rate,
                    share(k, n),
                    share(seen, trials),
                    n,
                    trials,
                    share(low, trials),
                    share(high, trials),
                    deviation(k, n, seen, trials),
                )
            )
    return found


def origins(train: Statistics, new: Statistics, false_alarms: float) -> tuple[str, ...]:
    """Return the sources whose votes have drifted, the farthest first, without those that only stand beside them.

    How often a source votes is its own doing; but with that, or with what it votes, it moves its neighbours' overlap
    and conflict. So those whose coverage is out of bounds are named and left out on both sides, and then the one that
    is farthest out, until none is.
    """
    by_distance = sorted(rate_drift(train, new, false_alarms), key=lambda drift: -abs(drift.z))
    named = [drift.source for drift in by_distance if drift.rate == "coverage" and drift.drifted]
    while out := [drift for drift in rate_drift(train, new, false_alarms, named) if drift.drifted]:
        named.append(max(out, key=lambda drift: abs(drift.z)).source)
    return tuple(named)


def counts(statistics: Statistics, ignoring: Collection[str] = ()) -> Mapping[str, tuple[Floats, Floats]]:
    """Return for each of RATES how often it occurs and out of how many, (m,) each, by source."""
    sizes = [len(space.labels) for space in statistics.spaces]
    owner = np.repeat(np.arange(len(sizes)), sizes)
    kept = np.array([name not in ignoring for name in statistics.names], dtype=bool)[owner]
    events = np.concatenate([space.events(statistics.tasks) for space in statistics.spaces])
    disjoint = (events.astype(np.int64) @ events.T.astype(np.int64) == 0) & kept & kept[:, None]
    votes, beside, against = (np.zeros(len(owner)) for _ in range(3))
    for rows, psi, _ in statistics.indicators.blocks:
        weights = statistics.counts[rows].astype(np.float64)
        contested = psi @ kept.astype(np.float64) > 1
        votes += psi.T @ weights
        beside += psi.T @ (weights * contested)
        contradicted = psi.toarray() * (psi @ disjoint.astype(np.float64) > 0)
        against += weights @ contradicted
    by_source: list[Floats] = [
        np.bincount(owner, part * kept, len(sizes)).astype(np.float64) for part in (votes, beside, against)
    ]
    rows_each = np.full(len(sizes), statistics.n)
    return {
        "coverage": (by_source[0], rows_each),
        "overlap": (by_source[1], by_source[0]),
        "conflict": (by_source[2], by_source[0]),
    }


def predicted_counts(k: int, n: int, trials: int, false_alarms: float) -> tuple[int, int]:
    """Return the least and the greatest count out of `trials` that k of n lead to expect.

    Either tail beyond them has at most half the probability `false_alarms`.
    """
    mean, deviation = predicted_moments(k, n, trials)
    first = max(0, math.floor(mean - REACH * deviation - 50))
    last = min(trials, math.ceil(mean + REACH * deviation + 50))
    counted = np.arange(first, last + 1, max(1, (last - first) // GRID))
    a, b = k + 0.5, n - k + 0.5
    log = special.betaln(counted + a, trials - counted + b) - special.betaln(counted + 1, trials - counted + 1)
    probabilities = np.exp(log - log.max())
    probabilities /= probabilities.sum()
    up_to, from_here = np.cumsum(probabilities), np.cumsum(probabilities[::-1])[::-1]
    expected = counted[(up_to > false_alarms / 2) & (from_here > false_alarms / 2)]
    return int(expected[0]), int(expected[-1])


def predicted_moments(k: int, n: int, trials: int) -> tuple[float, float]:
    """Return mean and standard deviation of the count out of `trials` that k of n lead to expect."""
    rate, weight = (k + 0.5) / (n + 1), n + 1
    return trials * rate, math.sqrt(trials * rate * (1 - rate) * (weight + trials) / (weight + 1))


def deviation(k: int, n: int, seen: int, trials: int) -> float:
    """Return how far a count lies from the expected one, in standard deviations; NaN of no trials."""
    if not trials:
        return math.nan
    mean, deviation = predicted_moments(k, n, trials)
    return (seen - mean) / deviation


def share(part: int, whole: int) -> float:
    """Return part / whole, NaN of nothing."""
    return part / whole if whole else math.nan
