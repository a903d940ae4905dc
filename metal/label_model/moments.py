"""The moments of votes, and the way back from them to tables: what the moment estimators share.

Under the tied model a vote a for label l has P(a | y) = beta + delta 1{y in e_l}, so that for votes a, b of
different groups

    Sigma_O[a, b] = delta_a delta_b C[a, b],   C[a, b] = P(e_a and e_b) - pi_a pi_b,

with pi_a = P(Y in e_a), and C known from the class balance and the feasible set. Given delta, beta = b - delta pi
and alpha = beta + delta ("ExpandTied"), clipped to distributions.

Source: Ratner et al., 2019, section 4 and Algorithm 1, for class-conditional sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from metal.label_matrix import ABSTAIN
from metal.label_model.emissions import Emissions, Estimate, Floats, Unit, starting_precision, tempered
from metal.statistics import Statistics

Mask = npt.NDArray[np.bool_]
RELATED = 1e-12
"""Covariances of events below this are zero up to rounding."""


class NotIdentifiableError(ValueError):
    """The moments do not determine the parameters of the named votes."""


@dataclass(frozen=True)
class Moments:
    """First and second moments of the votes that carry parameters, d of them.

    owners : (source column, code) of each vote
    twins : votes equal to an earlier one on every row, with the position of that one, whose delta they share
    b : (d,) how often each occurs
    sigma : (d, d) their covariance
    events, pi : (d, r) e_l as 0 and 1, and its probability (d,)
    structure : (d, d) the events' covariance C
    apart : (d, d) whether two votes belong to different groups
    """

    owners: tuple[tuple[int, int], ...]
    twins: dict[tuple[int, int], int]
    b: Floats
    sigma: Floats
    events: Floats
    pi: Floats
    structure: Floats
    apart: Mask

    @classmethod
    def of(cls, statistics: Statistics, groups: tuple[tuple[int, ...], ...], balance: Floats) -> Moments:
        """Select the votes and take their moments.

        Left out are votes that never occur, those whose event is all of F (they say nothing), one vote of a
        source that never abstains (it follows from its others), and twins.
        Raises NotIdentifiableError if nothing is left.
        """
        owners: list[tuple[int, int]] = []
        events: list[Floats] = []
        for i, (space, total) in enumerate(zip(statistics.spaces, statistics.totals, strict=True)):
            occurring = [code for code in range(1, len(total)) if total[code] > 0]
            if total[ABSTAIN] <= 0:
                occurring = occurring[:-1]
            masks = space.events(statistics.tasks).astype(np.float64)
            occurring = [code for code in occurring if not masks[code - 1].all()]
            owners += [(i, code) for code in occurring]
            events += [masks[code - 1] for code in occurring]
        if not owners:
            raise NotIdentifiableError(
                "the moments do not determine any vote: every source is silent, constant or says nothing. "
                "Add sources, or use estimator='map'."
            )
        offsets = np.cumsum([0, *(len(space.labels) for space in statistics.spaces)])
        chosen = [int(offsets[i]) + code - 1 for i, code in owners]
        moments = statistics.cooccurrences[np.ix_(chosen, chosen)]
        b = np.diag(moments)
        # Equal votes occur together as often as alone; of different sources, for one source has one vote a row.
        equal = (np.abs(moments - b[:, None]) < 1e-14) & (np.abs(moments - b[None, :]) < 1e-14)
        mask = np.array(events)
        equal &= (mask[:, None, :] == mask[None, :, :]).all(axis=2)
        first = equal.argmax(axis=1)
        kept: npt.NDArray[np.int64] = np.flatnonzero(first == np.arange(len(owners)))
        place = {int(a): position for position, a in enumerate(kept)}
        twins = {owners[a]: place[int(first[a])] for a in range(len(owners)) if int(a) not in place}
        group_of = {column: g for g, columns in enumerate(groups) for column in columns}
        group = np.array([group_of[owners[a][0]] for a in kept])
        mask, b = mask[kept], b[kept]
        pi = mask @ balance
        return cls(
            tuple(owners[a] for a in kept),
            twins,
            b,
            moments[np.ix_(kept, kept)] - np.outer(b, b),
            mask,
            pi,
            (mask * balance) @ mask.T - np.outer(pi, pi),
            group[:, None] != group[None, :],
        )

    @property
    def related(self) -> Mask:
        """Omega of the Hadamard form: votes of different groups whose events are correlated, (d, d)."""
        return np.asarray(self.apart & (np.abs(self.structure) > RELATED))

    def starting_delta(self, prior_precision: float) -> Floats:
        """Return the delta of votes that are as precise as the prior says, (d,)."""
        rho = starting_precision(self.pi, prior_precision)
        return np.asarray(self.b * (rho / self.pi - (1 - rho) / (1 - self.pi)))


def without_odd_cycle(omega: Mask) -> npt.NDArray[np.int64]:
    """Return the nodes whose component of a symmetric graph (d, d) has no odd cycle: their signs and sizes float.

    A component has an odd cycle exactly if its two copies in the bipartite double cover are joined.
    """
    edges = sparse.csr_array(omega)
    _, cover = csgraph.connected_components(sparse.block_array([[None, edges], [edges, None]]), directed=False)
    return np.asarray(np.flatnonzero(cover[: len(omega)] != cover[len(omega) :]), dtype=np.int64)


def refuse_undetermined(statistics: Statistics, moments: Moments, open_: npt.NDArray[np.int64], remedy: str) -> None:
    """Raise NotIdentifiableError naming the votes at the given positions, if there are any."""
    if len(open_):
        names = [vote_name(statistics, *moments.owners[a]) for a in open_]
        raise NotIdentifiableError(
            f"the moments do not determine {names}: fewer than three groups vote on what is related. {remedy}"
        )


def vote_name(statistics: Statistics, column: int, code: int) -> str:
    """Return "source=label"."""
    space = statistics.spaces[column]
    return f"{space.name}={'&'.join(space.labels[code - 1])}"


def expand_tied(
    statistics: Statistics,
    groups: tuple[tuple[int, ...], ...],
    balance: Floats,
    moments: Moments,
    delta: Floats,
    *,
    use_abstains: bool,
    converged: bool,
    iterations: int,
) -> Estimate:
    """Turn delta (d,) into tables: beta = b - delta pi, alpha = beta + delta, clipped to distributions.

    Dependent sources constrain nothing between them here, so their joint tables stay unknown and the
    posterior tempers them.
    """
    r = len(balance)
    position = {owner: a for a, owner in enumerate(moments.owners)} | moments.twins
    members: list[Floats] = []
    precisions: list[Floats] = []
    for i, (space, total) in enumerate(zip(statistics.spaces, statistics.totals, strict=True)):
        share = total / statistics.n
        table = np.repeat(share[:, None], r, axis=1)
        rest = ABSTAIN if share[ABSTAIN] > 0 else int(np.flatnonzero(total > 0)[-1])
        for code in range(1, len(total)):
            a = position.get((i, code))
            if a is not None:
                table[code] = np.clip(share[code] + delta[a] * (moments.events[a] - moments.pi[a]), 0.0, 1.0)
        table[rest] = 0.0
        table /= np.maximum(table.sum(axis=0), 1.0)
        table[rest] = 1 - table.sum(axis=0)
        masks = space.events(statistics.tasks)
        joint = table[1:] * balance
        mass = joint.sum(axis=1)
        hits = (joint * masks).sum(axis=1)
        rate = np.where(mass > 0, hits / np.where(mass > 0, mass, 1), masks @ balance)
        precisions.append(np.minimum(rate, 1.0))  # where an event is all of F, rounding may exceed it
        floor = np.maximum(share, 1e-12)[:, None] * 1e-9
        log = np.where(share[:, None] > 0, np.log(np.maximum(table, floor)), 0.0)
        if not use_abstains:
            log[ABSTAIN] = 0.0
        members.append(log)
    units, tables = [], []
    for columns in groups:
        k = len(statistics.spaces[columns[0]].labels)
        patterns = np.arange(k + 1)[:, None] if len(columns) == 1 else np.zeros((1, len(columns)), dtype=np.int64)
        unit = Unit(columns, patterns.astype(np.int16))
        units.append(unit)
        tables.append(members[columns[0]] if len(columns) == 1 else tempered(members, unit, unit.patterns))
    emissions = Emissions(balance, tuple(units), tuple(tables), tuple(members), use_abstains)
    messages = tuple(
        f"the vote {vote_name(statistics, *twin)} equals {vote_name(statistics, *moments.owners[a])} on every row "
        "and shares its accuracy"
        for twin, a in moments.twins.items()
    )
    return Estimate(emissions, tuple(precisions), converged, iterations, (), messages)
