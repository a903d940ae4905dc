"""Maximum likelihood by EM over the distinct rows, cliques of dependent sources as joint sources.

Three parameterisations of T_u[q, y] = P(unit u shows pattern q | its separator's part s(q), Y = y):

    "tied"   the paper's class-conditional model: alpha_l for y in e_l, beta_l elsewhere; abstaining, or the
             last value of a source that never abstains, takes the rest
    "proj"   one distribution for each cell of F under the source's coverage set: its confusion matrix
    "full"   one distribution for each y

Dependent sources use the cells of their group's coverage set, under "tied" too: tying speaks of single votes.
A decomposable model is the product of its factors P(C - S | S, Y), so that each is maximised by itself:

    E-step  w[row, y] = count(row) P(y | row);  N[q, y] = sum of w over the rows that show q
    M-step  T[q, cell] = N[q, cell] / N[s(q), cell];  p[y] = N[y] / n,

N[s, .] being the sum over the patterns that agree with s; without separator it is N[cell].

`smoothing` pseudo-votes for each unit and y, spread like the unit's own votes, keep rare patterns off
zero. Cliques that share a separator spread theirs over it alike, so that which clique is the root makes no
difference (a hyper Dirichlet prior). The objective in the trace then includes their log prior, and never falls. With
0 it is the mean log-likelihood. The iteration is accelerated (`metal.label_model.acceleration`), the optimum is the
same.

Source: Dempster, Laird and Rubin, 1977; Dawid and Skene, 1979; Lauritzen, "Graphical Models", 1996, section 4.4;
Dawid and Lauritzen, "Hyper Markov Laws", Annals of Statistics 21, 1993.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metal.dependencies import Factor
from metal.label_matrix import ABSTAIN, offsets_of
from metal.label_model.acceleration import Point, accelerated
from metal.label_model.alignment import best_automorphism, covariances, relations
from metal.label_model.design import Design
from metal.label_model.emissions import Emissions, Estimate, Floats, Unit, carried, make_units, starting_evidence
from metal.label_model.junction import Junction
from metal.label_model.posterior import normalise
from metal.statistics import Statistics

TINY = 1e-12
PARAMETERISATIONS = ("tied", "proj", "full")


def fit_likelihood(
    statistics: Statistics,
    factors: Sequence[Factor],
    balance: Floats,
    *,
    learn_balance: bool,
    use_abstains: bool,
    parameterisation: str,
    smoothing: float,
    prior_precision: float,
    max_iterations: int,
    tolerance: float,
    start: Estimate | None = None,
) -> Estimate:
    """Fit emission tables by EM.

    Parameters
    ----------
    factors : of the sources' joint distribution given Y, see `DependencyGraph.factors`
    balance : (r,) the balance to keep, or to start from if `learn_balance`
    use_abstains : whether the *posterior* takes silence as evidence; the likelihood always does
    prior_precision : precision of every vote in the first E-step, which decides which labels are which
    tolerance : converged when no probability of a table or of the balance moves by more
    start : an estimate of this kind, for the first E-step; None: from `prior_precision`
    """
    units = make_units(statistics, [factor.columns for factor in factors], [factor.given for factor in factors])
    offsets = offsets_of(statistics.spaces)
    design = Design.of(units, statistics.indicators, offsets, statistics.counts)
    counts = statistics.counts
    r, n = len(balance), statistics.n
    shares = [part / n for part in design.occurrences()]
    cells = [unit_cells(statistics, factor.group, parameterisation) for factor in factors]
    tied = [parameterisation == "tied" and len(factor.group) == 1 for factor in factors]
    masks = [statistics.spaces[unit.columns[0]].events(statistics.tasks) for unit in units]

    def maximise(by_pattern: list[Floats], by_label: Floats, before: Sequence[Floats | None]) -> Point:
        new_balance = balance
        if learn_balance:
            new_balance = np.maximum((by_label + smoothing / r) / (n + smoothing), TINY)
            new_balance = new_balance / new_balance.sum()
        new = []
        for u, expected in enumerate(by_pattern):
            expected = expected + smoothing * shares[u][:, None]
            if tied[u]:
                new.append(tied_table(expected, masks[u], before[u]))
            else:
                new.append(conditional_table(units[u], expected @ cells[u]) @ cells[u].T)
        return (new_balance, *new)

    def step(point: Point) -> tuple[Point, float]:
        here, *tables = point
        here = np.maximum(here, TINY)
        logs = [_logs(table, share) for table, share in zip(tables, shares, strict=True)]
        by_pattern, by_label, evidence = design.expectation(here, logs)
        penalty = sum(float((share[:, None] * log)[share > 0].sum()) for share, log in zip(shares, logs, strict=True))
        penalty += float(np.log(here).sum()) / r if learn_balance else 0.0
        return maximise(by_pattern, by_label, tables), (evidence + smoothing * penalty) / n

    # The first E-step rests on the prior precision, which decides which labels are which; a group counts as one vote.
    whole = make_units(statistics, [factor.group for factor in factors if not factor.given])
    _, starting = starting_evidence(statistics, whole, balance, prior_precision)
    if start is not None and start.probabilities:
        unseen = [np.zeros((len(unit.patterns), r)) for unit in units]
        tables = carried(start.emissions.units, start.probabilities, units, unseen)
        logs = [_logs(table, share) for table, share in zip(tables, shares, strict=True)]
        by_pattern, by_label, _ = design.expectation(start.emissions.balance, logs)
    elif len(whole) == len(units):
        by_pattern, by_label, _ = design.expectation(balance, starting)
    else:
        scores = Design.of(whole, statistics.indicators, offsets).scores(balance, starting)
        weights = normalise(scores)[0] * counts[:, None]
        by_pattern, by_label = design.expected(weights), weights.sum(axis=0)
    first = maximise(by_pattern, by_label, [None] * len(units))
    found = accelerated(step, first, max_iterations=max_iterations, tolerance=tolerance)
    fitted, tables = found.point[0], list(found.point[1:])
    logs = [_logs(table, share) for table, share in zip(tables, shares, strict=True)]
    members = Junction.of(units).members(tables, [len(space.labels) for space in statistics.spaces])
    # From a bad start they may have become others: of all namings that are as likely, take the one that fits the votes.
    sizes = {column: len(factor.group) for factor in factors for column in factor.group}
    events = [space.events(statistics.tasks) for space in statistics.spaces]
    agreement = covariances(members, fitted, events, [1 / sizes[i] for i in range(len(members))])
    related = relations(
        [
            *(np.stack([e, ~e], axis=1) for u, unit_masks in enumerate(masks) if tied[u] for e in unit_masks),
            *(part > 0 for u, part in enumerate(cells) if not tied[u]),
        ],
        None if learn_balance else balance,
    )
    back = np.argsort(best_automorphism(agreement, related))
    balance, tables, logs, members = (
        fitted[back],
        *([part[:, back] for part in parts] for parts in (tables, logs, members)),
    )
    precisions = []
    for right, table, total in zip(events, members, statistics.totals, strict=True):
        joint = table[1:] * balance
        hits = (joint * right).sum(axis=1)
        never = joint.sum(axis=1) <= TINY
        precisions.append(
            np.where(never | (total[1:] <= 0), prior_precision, hits / np.where(never, 1, joint.sum(axis=1)))
        )
    member_logs = [_logs(table, total / n) for table, total in zip(members, statistics.totals, strict=True)]
    if not use_abstains:
        for log in (*logs, *member_logs):
            log[ABSTAIN] = 0.0
    emissions = Emissions(balance, units, tuple(logs), tuple(member_logs), use_abstains)
    return Estimate(
        emissions,
        tuple(precisions),
        found.converged,
        found.iterations,
        found.trace,
        _doubts(statistics, precisions, balance),
        tuple(tables),
    )


def tied_table(expected: Floats, masks: npt.NDArray[np.bool_], start: Floats | None) -> Floats:
    """Maximise sum N[q, y] log T[q, y] over the tied tables of one source: (k + 1, r).

    Concave in (alpha, beta); Newton's method with backtracking, which never lowers it. The reference, row 0
    or the last value that is voted of a source that never abstains, has 1 minus the sum of the others.
    """
    # Not above zero: silence is what the votes leave of a total, rounding and all.
    shown = expected.sum(axis=1) > 1e-9 * expected.sum()
    reference = 0 if shown[0] else int(np.flatnonzero(shown).max(initial=0))
    rows = [q for q in range(1, len(masks) + 1) if q != reference and shown[q]]
    table = np.zeros_like(expected)
    table[reference] = 1.0
    if not rows:
        return table
    inside = masks[[q - 1 for q in rows]]
    member = np.concatenate([inside, ~inside]).astype(np.float64)
    active = member.sum(axis=1) > 0
    member = member[active]
    counts = (np.concatenate([expected[rows], expected[rows]]) * np.concatenate([inside, ~inside])).sum(axis=1)[active]
    counts, rest, total = counts + TINY, expected[reference] + TINY, expected.sum(axis=0)

    def value(theta: Floats) -> float:
        left = 1 - theta @ member
        if (theta <= 0).any() or (left <= 0).any():
            return -np.inf
        return float(counts @ np.log(theta) + rest @ np.log(left))

    theta = counts / np.maximum(member @ total, TINY)
    if start is not None:
        spread = np.concatenate([start[rows], start[rows]])[active]
        warm = (spread * member).sum(axis=1) / member.sum(axis=1)
        theta = warm if value(warm) > -np.inf else theta
    # One vote may be likelier than the labels leave room for: scale into the simplex.
    theta = theta * min(1.0, 0.999 / float((theta @ member).max()))
    best = value(theta)
    for _ in range(50):
        left = 1 - theta @ member
        gradient = counts / theta - member @ (rest / left)
        hessian = np.diag(counts / theta**2) + (member * (rest / left**2)) @ member.T
        # Solved for relative changes, with a touch of ridge: rates near zero leave the plain Hessian singular.
        scaled = theta[:, None] * hessian * theta
        scaled += np.eye(len(theta)) * (1e-12 * np.trace(scaled))
        step = theta * np.linalg.solve(scaled, theta * gradient)
        rate = 1.0
        while rate > 1e-10 and value(theta + rate * step) < best:
            rate /= 2
        if rate <= 1e-10:
            break
        theta = theta + rate * step
        best = value(theta)
        if float(gradient @ step) < 1e-14 * max(1.0, float(total.sum())):
            break
    parts = np.zeros(len(active))
    parts[active] = theta
    alpha, beta = parts[: len(rows)], parts[len(rows) :]
    table[rows] = np.where(inside, alpha[:, None], beta[:, None])
    table[reference] = 1 - table[rows].sum(axis=0)
    return table


def conditional_table(unit: Unit, expected: Floats) -> Floats:
    """Return expected counts by pattern and cell (K + 1, c) as shares of their separator's part, (K + 1, c).

    A part that a cell does not expect to see at all has the same shares there as in all cells together: they
    multiply a probability of zero.
    """
    if not unit.given:
        return np.asarray(expected / np.maximum(expected.sum(axis=0), TINY))
    totals = unit.by_separator(expected)
    pooled = expected.sum(axis=1, keepdims=True) / np.maximum(totals.sum(axis=1), TINY)[unit.run][:, None]
    seen = totals[unit.run] > 0
    return np.asarray(np.where(seen, expected / np.where(seen, totals[unit.run], 1.0), pooled))


def unit_cells(statistics: Statistics, columns: Sequence[int], parameterisation: str) -> Floats:
    """Return the cells of F between which tables of a group of sources may differ, as indicators (r, cells)."""
    tasks = statistics.tasks
    if parameterisation == "full":
        return np.eye(len(tasks.feasible))
    covered = [name for name in tasks.names if any(name in statistics.spaces[column].tasks for column in columns)]
    return np.stack([tasks.event(covered, label) for label in tasks.projections(covered)], axis=1).astype(np.float64)


def _logs(table: Floats, share: Floats) -> Floats:
    """Return log tables; a pattern without votes says nothing, and no other is quite impossible anywhere."""
    floor = np.maximum(share, TINY)[:, None] * 1e-9
    return np.asarray(np.where(share[:, None] > 0, np.log(np.maximum(table, floor)), 0.0))


def _doubts(statistics: Statistics, precisions: list[Floats], balance: Floats) -> tuple[str, ...]:
    """Return a message for each source whose votes, taken together, are estimated worse than chance."""
    messages = []
    for space, rho, total in zip(statistics.spaces, precisions, statistics.totals, strict=True):
        chance = space.events(statistics.tasks) @ balance
        if total[1:] @ (rho - chance) < 0:
            messages.append(
                f"source {space.name!r} is estimated worse than chance; "
                "either it is, or the labels are switched: compare with majority vote"
            )
    return tuple(messages)
