"""Which pattern of each unit a row shows: the fit's and the posterior's view of the votes.

Scores add up log tables over the units of each row, expectations add up posteriors over the rows that show each
pattern. Both go block by block over the rows, so that a pass of EM holds no array of the size (rows, r).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from metal.indicators import Indicators, Ints
from metal.label_model.emissions import UNSEEN, Floats, Unit


@dataclass(frozen=True)
class Design:
    """The patterns that rows show.

    indicators : (u, D), one column per (unit, pattern) except "all abstain"
    slices : for each unit its columns
    counts : (u,) what each row counts for in expectations
    unseen : for each joint unit that shows patterns it does not know, its position and those rows (their column in
        `indicators` is "all abstain")
    """

    indicators: Indicators
    slices: tuple[slice, ...]
    counts: Floats
    unseen: tuple[tuple[int, Ints], ...] = ()

    @classmethod
    def of(
        cls, units: Sequence[Unit], psi: Indicators, offsets: Ints, counts: npt.NDArray[np.number] | None = None
    ) -> Design:
        """Take the vote indicators of rows, and the sources' offsets in them, as seen by the units.

        counts : as above; None: 1 each
        """
        weights: Floats = np.ones(len(psi)) if counts is None else counts.astype(np.float64)
        ends = np.cumsum([0, *(len(unit.patterns) - 1 for unit in units)])
        slices = tuple(slice(int(a), int(b)) for a, b in pairwise(ends))
        if [unit.columns for unit in units] == [(i,) for i in range(len(offsets) - 1)]:
            return cls(psi, slices, weights)
        # Votes of single sources move to their unit's columns; those of joint sources give way to patterns.
        moved = np.full(psi.width, -1, dtype=np.int64)
        rows, columns, unseen = [], [], []
        for u, unit in enumerate(units):
            if len(unit.columns) == 1:
                first, last = offsets[unit.columns[0]], offsets[unit.columns[0] + 1]
                moved[first:last] = np.arange(ends[u], ends[u] + last - first)
                continue
            position = unit.find(psi.codes(offsets, np.int16, unit.columns))
            shown = np.flatnonzero(position > 0)
            rows.append(shown)
            columns.append(ends[u] + position[shown] - 1)
            new = np.flatnonzero(position == UNSEEN)
            if len(new):
                unseen.append((u, new))
        kept = moved[psi.index]
        row = np.repeat(np.arange(len(psi)), np.diff(psi.start))[kept >= 0]
        row, column = np.concatenate([row, *rows]), np.concatenate([kept[kept >= 0], *columns])
        order = np.lexsort((column, row))
        start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(psi)))])
        return cls(Indicators(column[order].astype(np.int32), start, int(ends[-1])), slices, weights, tuple(unseen))

    @cached_property
    def shown(self) -> Floats:
        """How often each pattern occurs, (D,)."""
        return self.indicators.column_sums(self.counts)

    def occurrences(self) -> list[Floats]:
        """Return how often each pattern of each unit occurs, (K + 1,), "all abstain" first."""
        return [part[:, 0] for part in self._by_unit(self.shown[:, None], self.counts.sum(keepdims=True))]

    def scores(self, balance: Floats, tables: Sequence[Floats]) -> Floats:
        """Return log p(y) plus the log tables, one (K + 1, r) a unit, of each row's patterns: (u, r)."""
        silent, gains = _gains(balance, tables)
        result = np.empty((len(self.indicators), len(balance)))
        for rows, block, _ in self.indicators.blocks:
            result[rows] = block @ gains + silent
        return result

    def expectation(self, balance: Floats, tables: Sequence[Floats]) -> tuple[list[Floats], Floats, float]:
        """Take an E-step: P(y | row) is in proportion to exp(scores).

        Returns for each unit the expected counts by pattern, (K + 1, r), "all abstain" first; those of the labels,
        (r,); and the sum over rows of count * log sum_y exp(score).
        """
        silent, gains = _gains(balance, tables)
        # Of r labels r - 1 are multiplied: scores are taken less the first label's, whose sum over the rows is known,
        # and what of each pattern is expected of the first label is what the others leave.
        beyond, silent_beyond = np.ascontiguousarray(gains[:, 1:] - gains[:, :1]), (silent[1:] - silent[0])[:, None]
        others = np.zeros_like(beyond)
        by_label = np.zeros(len(balance))
        evidence = float(self.counts.sum() * silent[0] + self.shown @ gains[:, 0])
        for rows, block, transposed in self.indicators.blocks:
            count = self.counts[rows]
            # Labels along the first axis: sums and maxima over few labels are slow along the last.
            scores = np.zeros((len(balance), len(count)))
            np.add((block @ beyond).T, silent_beyond, out=scores[1:])
            highest = scores.max(axis=0)
            np.exp(np.subtract(scores, highest, out=scores), out=scores)
            total = scores.sum(axis=0)
            evidence += float(count @ (highest + np.log(total)))
            scores *= count / total
            by_label += scores.sum(axis=1)
            others += transposed @ np.ascontiguousarray(scores[1:].T)
        first = np.maximum(self.shown - others.sum(axis=1), 0.0)  # a difference of sums, as in `_by_unit`
        return self._by_unit(np.column_stack([first, others]), by_label), by_label, evidence

    def expected(self, weights: npt.NDArray[np.number]) -> list[Floats]:
        """Sum row weights (u, c) by pattern: for each unit (K + 1, c), "all abstain" first."""
        by_pattern = np.zeros((self.indicators.width, weights.shape[1]))
        for rows, _, transposed in self.indicators.blocks:
            by_pattern += transposed @ weights[rows].astype(np.float64)
        return self._by_unit(by_pattern, weights.sum(axis=0).astype(np.float64))

    def _by_unit(self, by_pattern: Floats, total: Floats) -> list[Floats]:
        parts = (by_pattern[part] for part in self.slices)
        # Differences of sums can fall a rounding error below zero.
        return [np.concatenate([np.maximum(total - part.sum(axis=0), 0.0)[None], part]) for part in parts]


def _gains(balance: Floats, tables: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the scores of a row without votes, (r,), and what each pattern adds to them, (D, r)."""
    silent = np.log(balance) + np.sum([table[0] for table in tables], axis=0)
    return silent, np.concatenate([table[1:] - table[0] for table in tables])
