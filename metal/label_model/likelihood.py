"""Maximum likelihood by EM over the distinct rows, joint sources as one.

Three parameterisations of T_u[q, y] = P(unit u shows pattern q | Y = y):

    "tied"   the paper's class-conditional model: alpha_l for y in e_l, beta_l elsewhere; abstaining, or the
             last value of a source that never abstains, takes the rest
    "proj"   one distribution for each cell of F under the unit's coverage set: its confusion matrix
    "full"   one distribution for each y

Joint sources use cells (their union's coverage set) under "tied" too: tying speaks of single votes.

    E-step  w[row, y] = count(row) P(y | row);  N[q, y] = sum of w over the rows that show q
    M-step  T[q, cell] = N[q, cell] / N[cell];  p[y] = N[y] / n

`smoothing` pseudo-votes for each unit and y, spread like the unit's own votes, keep rare patterns off
zero; the objective in the trace then includes their log prior, and never falls. With 0 it is the mean
log-likelihood. The iteration is accelerated (`metal.label_model.acceleration`), the optimum is the same.

Source: Dempster, Laird and Rubin, 1977; Dawid and Skene, 1979.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metal.label_matrix import ABSTAIN
from metal.label_model.acceleration import Point, accelerated
from metal.label_model.emissions import Design, Emissions, Estimate, Floats, Unit, make_units, starting_evidence
from metal.label_model.posterior import normalise
from metal.statistics import Statistics

TINY = 1e-12
PARAMETERISATIONS = ("tied", "proj", "full")


def fit_likelihood(
    statistics: Statistics,
    groups: tuple[tuple[int, ...], ...],
    balance: Floats,
    *,
    learn_balance: bool,
    use_abstains: bool,
    parameterisation: str,
    smoothing: float,
    prior_precision: float,
    max_iterations: int,
    tolerance: float,
) -> Estimate:
    """Fit emission tables by EM.

    Parameters
    ----------
    groups : the groups of dependent sources, as column positions
    balance : (r,) the balance to keep, or to start from if `learn_balance`
    use_abstains : whether the *posterior* takes silence as evidence; the likelihood always does
    prior_precision : precision of every vote in the first E-step, which decides which labels are which
    tolerance : converged when no probability of a table or of the balance moves by more
    """
    units = make_units(statistics, groups)
    design = Design.of(units, statistics.rows)
    counts = statistics.counts.astype(np.float64)
    r, n = len(balance), statistics.n
    _, starting = starting_evidence(statistics, units, balance, prior_precision)
    by_pattern = design.expected(np.repeat(counts[:, None], r, axis=1))
    shares = [part[:, 0] / n for part in by_pattern]
    cells = [unit_cells(statistics, unit, parameterisation) for unit in units]
    tied = [parameterisation == "tied" and len(unit.columns) == 1 for unit in units]
    masks = [statistics.spaces[unit.columns[0]].events(statistics.tasks) for unit in units]

    def maximise(weights: Floats, before: Sequence[Floats | None]) -> Point:
        new_balance = balance
        if learn_balance:
            new_balance = np.maximum((weights.sum(axis=0) + smoothing / r) / (n + smoothing), TINY)
            new_balance = new_balance / new_balance.sum()
        new = []
        for u, expected in enumerate(design.expected(weights)):
            expected = expected + smoothing * shares[u][:, None]
            if tied[u]:
                new.append(tied_table(expected, masks[u], before[u]))
            else:
                by_cell = expected @ cells[u]
                new.append((by_cell / np.maximum(by_cell.sum(axis=0), TINY)) @ cells[u].T)
        return (new_balance, *new)

    def step(point: Point) -> tuple[Point, float]:
        here, *tables = point
        here = np.maximum(here, TINY)
        logs = [_logs(table, share) for table, share in zip(tables, shares, strict=True)]
        posterior, evidence = normalise(np.log(here) + design.scores(logs))
        prior = sum(float((share[:, None] * log)[share > 0].sum()) for share, log in zip(shares, logs, strict=True))
        prior += float(np.log(here).sum()) / r if learn_balance else 0.0
        objective = (float(counts @ evidence) + smoothing * prior) / n
        return maximise(posterior * counts[:, None], tables), objective

    # The first E-step rests on the prior precision, which decides which labels are which.
    posterior, _ = normalise(np.log(balance) + design.scores(starting))
    start = maximise(posterior * counts[:, None], [None] * len(units))
    found = accelerated(step, start, max_iterations=max_iterations, tolerance=tolerance)
    balance, tables = found.point[0], list(found.point[1:])
    logs = [_logs(table, share) for table, share in zip(tables, shares, strict=True)]
    members = _members(statistics, units, tables)
    precisions = []
    for space, table, total in zip(statistics.spaces, members, statistics.totals, strict=True):
        joint = table[1:] * balance
        hits = (joint * space.events(statistics.tasks)).sum(axis=1)
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
    or the last value of a source that never abstains, has 1 minus the sum of the others.
    """
    reference = 0 if expected[0].sum() > 0 else len(masks)
    rows = [q for q in range(1, len(masks) + 1) if q != reference and expected[q].sum() > 0]
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


def unit_cells(statistics: Statistics, unit: Unit, parameterisation: str) -> Floats:
    """Return the cells of F between which the unit's tables may differ, as indicators (r, cells)."""
    tasks = statistics.tasks
    if parameterisation == "full":
        return np.eye(len(tasks.feasible))
    covered = [name for name in tasks.names if any(name in statistics.spaces[column].tasks for column in unit.columns)]
    return np.stack([tasks.event(covered, label) for label in tasks.projections(covered)], axis=1).astype(np.float64)


def _logs(table: Floats, share: Floats) -> Floats:
    """Return log tables; a pattern without votes says nothing, and no other is quite impossible anywhere."""
    floor = np.maximum(share, TINY)[:, None] * 1e-9
    return np.asarray(np.where(share[:, None] > 0, np.log(np.maximum(table, floor)), 0.0))


def _members(statistics: Statistics, units: tuple[Unit, ...], tables: list[Floats]) -> list[Floats]:
    """Return each source's own table (k + 1, r): its unit's, summed over the other members."""
    members: dict[int, Floats] = {}
    for unit, table in zip(units, tables, strict=True):
        for position, column in enumerate(unit.columns):
            k = len(statistics.spaces[column].labels)
            members[column] = np.eye(k + 1)[unit.patterns[:, position]].T @ table
    return [members[i] for i in range(len(members))]


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
