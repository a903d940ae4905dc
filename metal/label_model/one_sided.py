"""Votes for one side only, as of keyword sources for a single class: only silence can speak for the other.

Between two feasible vectors y and y' votes are one-sided if those whose event holds y and not y' outnumber the
opposite ones by LEAN to one. A model that takes silence for nothing then calls nearly every row y, voted on or not,
for whatever votes there are say so. Sources of a single label have a reason to be silent where it does not hold;
those that choose among labels may as well have seen nothing.

What is then not determined is how many rows are y': the posterior of silent rows rests on the class balance, and where
that is not given on what is assumed of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metal.statistics import Statistics

Mask = npt.NDArray[np.bool_]
LEAN = 20.0


@dataclass(frozen=True)
class OneSided:
    """Where the votes are one-sided.

    pairs : (r, r) whether votes of y, the first, and hardly any of the second speak between two feasible vectors
    sources : (m,) the sources of one label that vote for y in any of these pairs
    """

    statistics: Statistics
    pairs: Mask
    sources: Mask

    @classmethod
    def of(cls, statistics: Statistics) -> OneSided:
        """Find the pairs of F between which the votes of sources of a single label go unanswered."""
        tasks = statistics.tasks
        events = [space.events(tasks).astype(np.float64) for space in statistics.spaces]
        single = [int((total[1:] > 0).sum()) == 1 for total in statistics.totals]
        all_votes, unipolar = np.zeros((2, len(tasks.feasible), len(tasks.feasible)))
        for masks, total, alone in zip(events, statistics.totals, single, strict=True):
            spoken = masks.T @ (total[1:, None] * (1 - masks))
            all_votes += spoken
            unipolar += spoken if alone else 0.0
        pairs = (unipolar > 0) & (all_votes > LEAN * all_votes.T)
        speaks = [
            alone and bool((np.outer(held := masks[total[1:].argmax()], 1 - held) * pairs).any())
            for masks, total, alone in zip(events, statistics.totals, single, strict=True)
        ]
        return cls(statistics, np.asarray(pairs), np.array(speaks, dtype=bool))

    def __bool__(self) -> bool:
        """Say whether there is any such pair."""
        return bool(self.pairs.any())

    def __str__(self) -> str:
        """Name a pair, and say how many more there are."""
        y, other = (self.statistics.tasks.vector_names[index] for index in np.argwhere(self.pairs)[0])
        more = f", and so in {int(self.pairs.sum()) - 1} other pair(s)" if self.pairs.sum() > 1 else ""
        return f"votes speak for {y} against {other}, and hardly any the other way round{more}"
