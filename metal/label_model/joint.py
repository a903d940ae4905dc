"""What the patterns of a joint source tell under "map": how far dependent votes count as several.

Of v votes that are dependent given Y, the members' evidence is raised to 1 / (1 + rho (v - 1)), the design effect of
clustered samples (Kish, 1965): rho = 0 is their product, as if they were independent, and rho = 1, copies, one vote.
rho is the mean over the pairs of members that vote of their correlation given Y,

    rho_ij = sum over agreeing labels a, b of max(0, C_ab) / min(sum_a C_aa, sum_b C_bb)
    C_ab   = sum over y of (N_ab[y] - N_a[y] N_b[y] / N[y])

with N the expected counts of votes under the present posterior. Labels agree whose events intersect. A source whose
votes are among another's has rho = 1 with it, as it adds nothing; sources that exclude each other have 0.

That is where a pattern's own counts are drawn to: P(Y | pattern) has the M-step of a precision, with this in place of
rho_0. Silence of all members is P(0 | y) = 1 - sum over the other patterns of P(pattern | y), as of a single source.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.label_matrix import ABSTAIN
from metal.label_model.emissions import Floats, Unit, silence_evidence
from metal.label_model.posterior import normalise

EXPLAINED = 1e-9
"""Variance a row below which a member's votes count as explained by Y."""


class JointSource:
    """A unit of several columns and what its patterns say about its members.

    unit : the clique, or the group, of dependent sources
    events : for each source of the label matrix (k, r), the event of every label
    """

    def __init__(self, unit: Unit, events: list[npt.NDArray[np.bool_]]) -> None:
        self.unit = unit
        own = [events[column] for column in unit.columns]
        self.starts = np.cumsum([0, *(len(masks) for masks in own)])[:-1]
        self.votes = np.concatenate(
            [unit.patterns[:, i, None] == np.arange(1, len(masks) + 1) for i, masks in enumerate(own)], axis=1
        ).astype(np.float64)  # (K + 1, labels of all members)
        masks = np.concatenate(own).astype(np.float64)
        self.agreeing = masks @ masks.T > 0
        self.voting = (unit.patterns != ABSTAIN).astype(np.float64)

    def correlations(self, expected: Floats) -> Floats:
        """Return rho of every two members, (c, c), from expected counts by pattern (K + 1, r); 0 on the diagonal."""
        by_label = self.votes.T @ expected
        centred = by_label / np.sqrt(np.maximum(expected.sum(axis=0), np.finfo(float).tiny))
        covariance = self.votes.T @ (expected.sum(axis=1)[:, None] * self.votes) - centred @ centred.T
        shared = np.maximum(covariance, 0) * self.agreeing
        shared = np.add.reduceat(np.add.reduceat(shared, self.starts, axis=0), self.starts, axis=1)
        own = np.add.reduceat(np.diag(covariance), self.starts)
        smaller = np.minimum.outer(own, own)
        # A member whose votes the present posterior explains altogether has no variance left but rounding.
        left = smaller > EXPLAINED * expected.sum()
        rho = np.where(left, np.minimum(shared / np.where(left, smaller, 1.0), 1.0), 0.0)
        np.fill_diagonal(rho, 0.0)
        return np.asarray(rho)

    def counts_for(self, expected: Floats) -> Floats:
        """Return what the members' evidence of each pattern is raised to, (K + 1,), each at most 1."""
        voters = self.voting.sum(axis=1)
        pairs = np.maximum(voters * (voters - 1), 1)
        rho = np.einsum("pi,ij,pj->p", self.voting, self.correlations(expected), self.voting) / pairs
        return np.asarray(1 / (1 + rho * np.maximum(voters - 1, 0)))

    def evidence(self, members: list[Floats], counts_for: Floats) -> Floats:
        """Return the members' evidence of each pattern, (K + 1, r) logs; none for silence."""
        own = np.concatenate([members[column][1:] for column in self.unit.columns])
        return np.asarray(self.votes @ own * counts_for[:, None])

    def table(
        self,
        members: list[Floats],
        expected: Floats,
        balance: Floats,
        *,
        shrinkage: float,
        prior_strength: float,
        use_abstains: bool,
    ) -> Floats:
        """Return log P(Y | pattern) - log p(Y), (K + 1, r); of silence log P(0 | Y) - log P(0), or 0 if not used."""
        prior = normalise(self.evidence(members, self.counts_for(expected)) + np.log(balance))[0]
        mean = pulled(expected, expected.sum(axis=1, keepdims=True), prior, prior_strength)
        shares = (1 - shrinkage) * mean + shrinkage * prior
        table = np.asarray(np.log(np.maximum(shares, 1e-12)) - np.log(balance))
        table[ABSTAIN] = 0.0
        if use_abstains:
            seen = expected.sum(axis=1)
            table[ABSTAIN] = silence_evidence(table[1:], seen / seen.sum())
        return table


def pulled(hits: Floats, votes: Floats, prior: Floats, prior_strength: float) -> Floats:
    """Return the share of hits among votes, with `prior_strength` more at the prior; the prior without either."""
    total = votes + prior_strength
    return np.asarray(np.where(total > 0, (hits + prior_strength * prior) / np.where(total > 0, total, 1), prior))
