"""Covariances of votes, and which sources are kept apart by design rather than by opinion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from metal.indicators import Indicators
from metal.label_matrix import offsets_of
from metal.label_model.emissions import Floats
from metal.statistics import Statistics

WORK = 1e9
"""Multiplications spent on counting votes that occur together: of many distinct rows every s-th is taken."""
SPARSE = 100.0
"""Dense multiplications that take as long as one of a sparse product."""
LEAST_ROWS = 5_000
EXPECTED = 20.0
"""Common rows that chance must promise two sources for their lack to be a matter of design."""


@dataclass(frozen=True)
class VoteMoments:
    """Covariances of the votes that occur, (D, D), as the robust fit sees them.

    owner : (D,) the source of each vote; events : (D, r); shares : (D,) how often it is cast
    together, covariance, scale : O, Sigma and b_a (1 - b_a) b_b (1 - b_b); between : pairs of different groups
    part : (m,) sources that vote on common rows, if only by way of others, are of one part
    rows : for each part the share of the rows that are its own
    """

    n: float
    owner: npt.NDArray[np.int64]
    events: npt.NDArray[np.bool_]
    shares: Floats
    together: Floats
    covariance: Floats
    scale: Floats
    between: npt.NDArray[np.bool_]
    part: npt.NDArray[np.int64]
    rows: Floats

    @cached_property
    def apart(self) -> npt.NDArray[np.bool_]:
        """Which votes are of sources that never vote together, though chance would have it: (D, D)."""
        of_source = np.eye(len(self.part))[self.owner]
        meeting = of_source.T @ self.together @ of_source
        voting = np.diag(meeting)
        never = (meeting <= 0) & (self.n * np.outer(voting, voting) > EXPECTED)
        return np.asarray(never[np.ix_(self.owner, self.owner)])

    def on_rows_of(self, part: int) -> VoteMoments:
        """Return the moments of the votes of a part's sources on the rows that are its own."""
        share = float(self.rows[part])
        shares = self.shares / share
        kept = np.flatnonzero((self.part[self.owner] == part) & (shares < 1 - 1e-12))
        shares, together = shares[kept], self.together[np.ix_(kept, kept)] / share
        spread = shares * (1 - shares)
        return VoteMoments(
            self.n * share,
            self.owner[kept],
            self.events[kept],
            shares,
            together,
            together - np.outer(shares, shares),
            np.outer(spread, spread),
            (self.between & ~self.apart)[np.ix_(kept, kept)],
            self.part,
            self.rows,
        )


def vote_moments(statistics: Statistics, groups: tuple[tuple[int, ...], ...]) -> VoteMoments:
    """Collect the covariances of the votes that occur but not always; of very many distinct rows, of a part."""
    owners = [(i, c) for i, total in enumerate(statistics.totals) for c in range(1, len(total)) if total[c] > 0]
    if not owners:
        raise ValueError(f"nothing to check: no source votes on any of the {statistics.n:g} rows")
    # Sources that seldom vote share few pairs of votes a row, and their covariances take the more rows to tell.
    work = min(len(owners) ** 2, SPARSE * float(np.mean(np.diff(statistics.indicators.start) ** 2.0)))
    step = int(np.ceil(len(statistics) / max(WORK / work, LEAST_ROWS)))
    counts = statistics.counts[::step].astype(np.float64)
    psi = statistics.indicators if step == 1 else statistics.indicators.take(np.arange(0, len(statistics), step))
    n = float(counts.sum())
    column, code = (np.array(part, dtype=np.int64) for part in zip(*owners, strict=True))
    place = offsets_of(statistics.spaces)[column] + code - 1
    together = psi.together(counts)[np.ix_(place, place)] / max(n, np.finfo(np.float64).tiny)
    part, rows = _parts(psi, counts, column, place, together, len(statistics.spaces))
    kept = np.flatnonzero((np.diag(together) > 0) & (np.diag(together) < 1 - 1e-12))
    shares, together, column = np.diag(together)[kept], together[np.ix_(kept, kept)], column[kept]
    masks = [space.events(statistics.tasks) for space in statistics.spaces]
    events = np.array([masks[i][c - 1] for i, c in zip(column, code[kept], strict=True)], dtype=bool)
    group_of = {i: g for g, columns in enumerate(groups) for i in columns}
    group = np.array([group_of[int(i)] for i in column], dtype=np.int64)
    return VoteMoments(
        n,
        column,
        events.reshape(len(kept), len(statistics.tasks.feasible)),
        shares,
        together,
        together - np.outer(shares, shares),
        np.outer(shares * (1 - shares), shares * (1 - shares)),
        group[:, None] != group[None, :],
        part,
        rows,
    )


def _parts(
    psi: Indicators,
    counts: Floats,
    column: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    together: Floats,
    m: int,
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the part of each source (m,), and for each part the share of rows on which its sources vote.

    Rows without any vote are dealt out in proportion.
    """
    of_source = np.eye(m)[column]
    met = of_source.T @ together @ of_source > 0
    number, part = csgraph.connected_components(sparse.csr_array(met), directed=False)
    voted = np.flatnonzero(np.diff(psi.start))
    source_of = np.zeros(psi.width, dtype=np.int64)
    source_of[place] = column
    # All votes of a row are of one part.
    weight = np.bincount(part[source_of[psi.index[psi.start[voted]]]], counts[voted], minlength=number)
    return part.astype(np.int64), np.asarray(weight / max(float(weight.sum()), np.finfo(np.float64).tiny))
