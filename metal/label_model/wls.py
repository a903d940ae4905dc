"""The Hadamard form of the moment equations, by weighted least squares.

Under the tied model the covariance of two votes a, b of different groups is a product,

    Sigma_O[a, b] = delta_a delta_b C[a, b],   C[a, b] = P(e_a and e_b) - pi_a pi_b,

with delta = alpha - beta, and C known from the class balance and the feasible set. Minimise
sum over such pairs of W (Sigma - C delta_a delta_b)^2, W = 1 / (b_a (1 - b_a) b_b (1 - b_b)), by its exact
coordinate updates delta_a = sum_b W C Sigma delta_b / sum_b W C^2 delta_b^2. Then beta = b - delta pi and
alpha = beta + delta ("ExpandTied").

Milliseconds, whatever n is, and every pair of granularities is used; needs the balance. Exact on exact
moments if the tied graph determines delta (`metal.identifiability`). Dependent sources constrain nothing
between them here, so their joint tables stay unknown and the posterior tempers them.

Source: the covariance identity of Ratner et al., 2019, section 4, under class-conditional sources.
"""

from __future__ import annotations

import numpy as np

from metal.label_matrix import ABSTAIN
from metal.label_model.emissions import (
    Emissions,
    Estimate,
    Floats,
    Unit,
    starting_precision,
    tempered,
)
from metal.statistics import Statistics


class NotIdentifiableError(ValueError):
    """The moments do not determine the parameters of the named votes."""


def fit_wls(
    statistics: Statistics,
    groups: tuple[tuple[int, ...], ...],
    balance: Floats,
    *,
    use_abstains: bool,
    prior_precision: float,
    max_iterations: int,
    tolerance: float,
) -> Estimate:
    """Solve for delta and expand to tables.

    Columns are the votes that occur; a source that never abstains drops its last value.
    Raises NotIdentifiableError naming the votes that no other group's votes are correlated with.
    """
    owners: list[tuple[int, int]] = []
    for i, total in enumerate(statistics.totals):
        occurring = [label for label in range(1, len(total)) if total[label] > 0]
        if total[ABSTAIN] <= 0:
            occurring = occurring[:-1]
        owners += [(i, label) for label in occurring]
    offsets = np.cumsum([0, *(len(space.labels) for space in statistics.spaces)])
    chosen = [int(offsets[i]) + label - 1 for i, label in owners]
    moments = statistics.cooccurrences[np.ix_(chosen, chosen)]
    b = np.diag(moments).copy()
    sigma = moments - np.outer(b, b)
    events = np.array(
        [statistics.tasks.event(statistics.spaces[i].tasks, statistics.spaces[i].labels[c - 1]) for i, c in owners]
    )
    events = events.reshape(len(owners), len(balance)).astype(np.float64)
    pi = events @ balance
    structure = (events * balance) @ events.T - np.outer(pi, pi)
    group_of = {column: g for g, columns in enumerate(groups) for column in columns}
    group = np.array([group_of[i] for i, _ in owners], dtype=np.int64)
    usable = (group[:, None] != group[None, :]) & (np.abs(structure) > 1e-12)
    alone = [a for a in range(len(owners)) if not usable[a].any()]
    if alone or not owners:
        names = [_vote_name(statistics, *owners[a]) for a in alone]
        raise NotIdentifiableError(
            f"the moments do not determine {names or 'any vote'}: no source of another group votes on anything "
            "related. Add sources independent of these, or use estimator='map'."
        )
    scale = np.maximum(b * (1 - b), 1e-12)
    weights = np.where(usable, 1 / np.outer(scale, scale), 0.0)
    up, down = weights * structure * sigma, weights * structure**2
    rho = starting_precision(pi, prior_precision)
    delta = b * (rho / pi - (1 - rho) / (1 - pi))
    converged, iteration = False, 0
    while not converged and iteration < max_iterations:
        iteration += 1
        before = delta.copy()
        for a in range(len(delta)):
            below = float(down[a] @ delta**2)
            delta[a] = float(up[a] @ delta) / below if below > 0 else 0.0
        converged = bool(np.abs(delta - before).max() < tolerance)
    return _expand(statistics, groups, balance, owners, delta, events, pi, use_abstains, (converged, iteration))


def _expand(
    statistics: Statistics,
    groups: tuple[tuple[int, ...], ...],
    balance: Floats,
    owners: list[tuple[int, int]],
    delta: Floats,
    events: Floats,
    pi: Floats,
    use_abstains: bool,
    outcome: tuple[bool, int],
) -> Estimate:
    """Turn delta into tables: beta = b - delta pi, alpha = beta + delta, clipped to distributions."""
    r = len(balance)
    members: list[Floats] = []
    precisions: list[Floats] = []
    for i, (space, total) in enumerate(zip(statistics.spaces, statistics.totals, strict=True)):
        share = total / statistics.n
        table = np.zeros((len(total), r))
        mine = [(a, label) for a, (owner, label) in enumerate(owners) if owner == i]
        for a, label in mine:
            beta = share[label] - delta[a] * pi[a]
            table[label] = np.clip(beta + delta[a] * events[a], 0.0, 1.0)
        table /= np.maximum(table.sum(axis=0), 1.0)
        rest = ABSTAIN if share[ABSTAIN] > 0 else int(np.flatnonzero(total > 0)[-1])
        table[rest] = 1 - table.sum(axis=0)
        joint = table[1:] * balance
        mass = joint.sum(axis=1)
        hits = (joint * space.events(statistics.tasks)).sum(axis=1)
        precisions.append(
            np.where(mass > 0, hits / np.where(mass > 0, mass, 1), space.events(statistics.tasks) @ balance)
        )
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
    return Estimate(emissions, tuple(precisions), *outcome)


def _vote_name(statistics: Statistics, column: int, label: int) -> str:
    space = statistics.spaces[column]
    return f"{space.name}={'&'.join(space.labels[label - 1])}"
