"""P(Y | votes) over the feasible set, in log space.

log P(y | row) = log p(y) + sum over units of log P(pattern of the unit | its separator, y) + const. A row without votes
gets the class balance when abstains are not evidence.

Where votes are correlated by more than the model knows, v of them tell as much as v / (1 + rho (v - 1)) would (the
design effect of clustered samples: Kish, 1965), and the posterior is raised to the power 1 / (1 + rho (v - 1)), v the
units that vote. This makes it less sure and never changes which label is the likeliest.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from metal.indicators import Indicators, row_blocks
from metal.label_model.design import Design
from metal.label_model.emissions import Emissions, Floats, fallback
from metal.statistics import distinct_rows

CHUNK = 65_536
"""Rows scored at a time: bounds the memory of a prediction."""


def posterior(emissions: Emissions, codes: Any) -> Floats:
    """Return P(Y | row) over F for rows of codes (n, m), dense or CSR: shape (n, r), rows sum to one."""
    result = np.empty((codes.shape[0], len(emissions.balance)))
    # Where there are few possible rows, most rows occur many times: each distinct one is scored once, in blocks so
    # long that they must repeat.
    possible = math.prod(len(member) for member in emissions.members)
    repeated = not sparse.issparse(codes) and possible < CHUNK
    for rows in row_blocks(len(result), max(CHUNK, 16 * possible) if repeated else CHUNK):
        if repeated:
            different, place = distinct_rows(codes[rows])
            # mode: checked indices would be gathered in a buffer of their own first, several times slower.
            np.take(_probabilities(emissions, different), place, axis=0, out=result[rows], mode="clip")
        else:
            result[rows] = _probabilities(emissions, codes[rows])
    return result


def normalise(scores: Floats) -> tuple[Floats, Floats]:
    """Turn log scores (n, r) into probabilities (n, r) and the log of their sums (n,)."""
    # Labels along the first axis: sums and maxima over few labels are slow along the last.
    shifted = np.array(scores.T, order="C")
    highest = shifted.max(axis=0)
    np.exp(shifted - highest, out=shifted)
    total = shifted.sum(axis=0)
    return np.ascontiguousarray((shifted / total).T), highest + np.log(total)


def _probabilities(emissions: Emissions, codes: Any) -> Floats:
    """Return P(Y | row) of log p(y) plus the log tables of each row's patterns, as sure as the votes allow: (n, r)."""
    offsets = np.cumsum([0, *(len(member) - 1 for member in emissions.members)])
    psi = Indicators.of(codes, offsets)
    return normalise(reduce(np.add, (_scores(part, psi, offsets) for part in emissions.parts)))[0]


def _scores(emissions: Emissions, psi: Indicators, offsets: npt.NDArray[np.int64]) -> Floats:
    """Return log P(Y | row), up to a constant a row, of rows of indicators, (n, r)."""
    if not emissions.units:
        return np.tile(np.log(emissions.balance), (len(psi), 1))
    design = Design.of(emissions.units, psi, offsets)
    scores = design.scores(emissions.balance, emissions.tables)
    voting = np.diff(design.indicators.start)
    for u, rows in design.unseen:
        unit = emissions.units[u]
        patterns = psi.take(rows).codes(offsets, np.int16, unit.columns)
        scores[rows] += fallback(emissions.members, unit, patterns) - emissions.tables[u][0]
        voting[rows] += 1
    if emissions.vote_correlation:
        scores /= (1 + emissions.vote_correlation * np.maximum(voting - 1, 0))[:, None]
    return scores
