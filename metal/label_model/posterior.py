"""P(Y | votes) over the feasible set, in log space.

log P(y | row) = log p(y) + sum over units of log P(pattern of the unit | its separator, y) + const. A row without votes
gets the class balance when abstains are not evidence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.label_model.emissions import UNSEEN, Emissions, Floats, fallback
from metal.statistics import Codes

CHUNK = 100_000
"""Rows scored at a time: bounds the memory of a prediction."""


def posterior(emissions: Emissions, codes: Codes) -> Floats:
    """Return P(Y | row) over F for rows of codes (n, m): shape (n, r), rows sum to one."""
    parts = [_scores(emissions, codes[start : start + CHUNK]) for start in range(0, len(codes), CHUNK)]
    scores = np.concatenate(parts) if parts else np.zeros((0, len(emissions.balance)))
    return normalise(scores)[0]


def normalise(scores: Floats) -> tuple[Floats, Floats]:
    """Turn log scores (n, r) into probabilities (n, r) and the log of their sums (n,)."""
    highest = scores.max(axis=1, keepdims=True)
    shifted = np.exp(scores - highest)
    total = shifted.sum(axis=1, keepdims=True)
    return shifted / total, (highest + np.log(total))[:, 0]


def _scores(emissions: Emissions, codes: Codes) -> Floats:
    """Return log p(y) plus the log tables of each row's patterns, (n, r)."""
    scores = np.tile(np.log(emissions.balance), (len(codes), 1))
    for unit, table in zip(emissions.units, emissions.tables, strict=True):
        position = unit.encode(codes)
        scores += table[position]
        new: npt.NDArray[np.int64] = np.flatnonzero(position == UNSEEN)
        if len(new):  # table[-1] was added above
            patterns = codes[new][:, list(unit.columns)]
            scores[new] += fallback(emissions.members, unit, patterns) - table[UNSEEN]
    return scores
