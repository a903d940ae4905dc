"""Which model is the champion: one that beats the present one on the same documents by more than chance explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

LEVEL = 0.95


@dataclass(frozen=True)
class Verdict:
    """Whether a model takes the champion's place, and why, in a sentence."""

    promoted: bool
    reason: str


def difference_interval(wins: int, losses: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Return an exact interval for the difference in accuracy of two models on the same n documents.

    wins, losses : documents on which only the first, or only the second, is right

    Documents on which both are right or both wrong say nothing about which is better. Of the d = wins + losses others,
    the first wins a share p with the interval of Clopper and Pearson (Biometrika 1934), and the difference is
    (2p - 1) d / n; that its interval excludes 0 is what the exact test of McNemar (Psychometrika 1947) asks.
    """
    d = wins + losses
    if d == 0:
        return 0.0, 0.0
    tail = (1 - level) / 2
    low = 0.0 if wins == 0 else float(special.betaincinv(wins, losses + 1, tail))
    high = 1.0 if losses == 0 else float(special.betaincinv(wins + 1, losses, 1 - tail))
    return (2 * low - 1) * d / n, (2 * high - 1) * d / n


def judge(challenger: npt.NDArray[np.bool_], champion: npt.NDArray[np.bool_] | None, of: str = "") -> Verdict:
    """Say whether a challenger takes the place of the champion.

    challenger, champion : (n,), on which development documents each is right; None: there is no champion yet
    of : what the champion is called
    """
    if champion is None:
        return Verdict(True, "champion: there was none before")
    n = len(challenger)
    wins = int((challenger & ~champion).sum())
    losses = int((champion & ~challenger).sum())
    low, high = difference_interval(wins, losses, n)
    difference = (wins - losses) / n
    compared = (
        f"{100 * difference:+.1f} points of dev accuracy against {of}, 95% interval {100 * low:+.1f} to "
        f"{100 * high:+.1f} (right alone on {wins}, wrong alone on {losses} of {n} documents)"
    )
    if low > 0:
        return Verdict(True, f"champion: {compared}")
    return Verdict(False, f"not champion: {compared}; the interval must lie above 0")
