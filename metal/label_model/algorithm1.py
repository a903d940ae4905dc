"""Algorithm 1: the inverse covariance, completed by stochastic gradient descent, then ExpandTied.

O are the votes, S an indicator 1{Y in e} of a label's event. If votes of different groups are independent
given S, then with Omega the pairs of votes of different groups

    Sigma_O^-1 + z z^T = K_O, zero on Omega;   z = sqrt(c) Sigma_O^-1 Sigma_OS,
    c = (Sigma_S - Sigma_OS^T Sigma_O^-1 Sigma_OS)^-1 = (1 + z^T Sigma_O z) / Sigma_S.

    1.  z <- argmin || Sigma_O^-1 + z z^T ||_Omega^2           stochastic gradients, one row of Omega a step
    2.  Sigma_OS <- Sigma_O z / sqrt(c),  Sigma_S = pi (1 - pi)
    3.  ExpandTied: delta_l = Sigma_OS[l] / Cov(1{Y in e_l}, S); beta = b - delta pi; alpha = beta + delta

For two feasible vectors that is the paper's algorithm as it stands. For more, a scalar S cannot stand for
Y: the low-rank term has rank |F| - 1, and one joint run is wrong even on exact moments. Under the tied
model a vote depends on Y through its own event alone, so there is one exact run for each distinct event,
over the votes for the event and for its complement.

Three additions, none of which moves the minimum on exact moments. psi(O) is scaled to unit variance, as a
rare vote would else outweigh all others and no step size would suit them; each step is measured by the curvature
at hand, so it cannot diverge. The stochastic steps only come near the minimum; damped Gauss-Newton steps on the same
objective, which never raise it, go the rest of the way. On few rows the objective may have no minimum: it falls for
ever as z of one source grows and all others vanish, which takes that source for Y itself (a Heywood case of factor
analysis). So what has to come to rest is not z but what step 2 makes of it, the correlations
Sigma_O z / sqrt(1 + z^T Sigma_O z) of the scaled votes with S, which never exceed one; such an end is reported. And a
vote that others all
but imply (yes of a source that hardly ever abstains, next to its no) stays out of the inverse; its delta follows
from its covariances with those that are in, by the update of `metal.label_model.wls`.

Source: Ratner et al., "Training Complex Models with Multi-Task Weak Supervision", AAAI 2019, Algorithm 1, eq. 3-5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from metal.label_model.emissions import Estimate, Floats
from metal.label_model.moments import (
    Mask,
    Moments,
    expand_tied,
    refuse_undetermined,
    vote_name,
    without_odd_cycle,
)
from metal.label_model.report import PoorFitWarning
from metal.label_model.wls import normal_equations
from metal.statistics import Statistics

EPOCHS = 20
"""Passes of stochastic gradients over the rows of Omega before the polish."""
STEP = 0.5
"""The first step, in units of the inverse curvature of a row's loss."""
SMALLEST = 1e-15
"""Keeps the damped normal equations solvable where a vote has no partner of any weight."""
LEAST = 0.01
"""The least starting size of z^2; from zero there is no way off."""
DETERMINED = 500.0
"""z^T Sigma_O z over the votes of one group, the odds of S explained to unexplained, from which it is taken for Y."""
UNEXPLAINED = 0.5
"""The share of the votes' squared covariance between groups, left over by the result, from which it is no fit. Where
the objective finds its minimum hardly a tenth is left, of a thousand rows."""
COLLINEAR = 0.05
"""Votes whose variance is explained by others up to this share would make the inverse all noise."""


@dataclass(frozen=True)
class Completion:
    """z (d,), up to a common sign for each component of Omega, and how it was found."""

    z: Floats
    converged: bool
    iterations: int


def fit_algorithm1(
    statistics: Statistics,
    groups: tuple[tuple[int, ...], ...],
    balance: Floats,
    *,
    use_abstains: bool,
    max_iterations: int,
    tolerance: float,
    seed: int,
) -> Estimate:
    """Run Algorithm 1 once for every distinct event and expand to tables.

    tolerance : converged when no correlation of a vote with its event moves by more in a step; the sign of each run
        is the one that makes its votes better than chance
    seed : of the order of the stochastic steps; the result hardly depends on it

    Raises NotIdentifiableError naming the votes of an event on which fewer than three groups vote: their
    component of Omega has no odd cycle.
    """
    moments = Moments.of(statistics, groups, balance)
    up, down = normal_equations(moments)
    delta = np.zeros(len(moments.b))
    converged, iterations = True, 0
    messages: tuple[str, ...] = ()
    spread = np.sqrt(moments.b * (1 - moments.b))
    correlations = moments.sigma / np.outer(spread, spread)
    runs = [
        (everyone, sides, _invertible(correlations[np.ix_(everyone, everyone)])) for everyone, sides in _runs(moments)
    ]
    open_ = [
        everyone
        for everyone, _, kept in runs
        if len(without_odd_cycle(moments.apart[np.ix_(everyone[kept], everyone[kept])]))
    ]
    refuse_undetermined(
        statistics,
        moments,
        np.sort(np.concatenate(open_)) if open_ else np.array([], dtype=np.int64),
        "Add sources independent of these, or use estimator='wls', which lets related events determine each other, "
        "or estimator='map'.",
    )
    for number, (everyone, sides, kept) in enumerate(runs):
        run, side = everyone[kept], sides[kept]
        correlation, omega = correlations[np.ix_(run, run)], moments.apart[np.ix_(run, run)]
        inverse = np.linalg.inv(correlation)
        variance = float(moments.pi[run[0]] * (1 - moments.pi[run[0]]))
        # Every vote as telling as any other, and better than chance: z along `side`, of the best common size.
        size = -float(side @ np.where(omega, inverse, 0.0) @ side) / float(omega.sum())
        found = complete(
            correlation,
            inverse,
            omega,
            side * np.sqrt(max(size, LEAST)),
            seed=seed + number,
            max_iterations=max_iterations,
            tolerance=tolerance,
        )
        # Scaled psi: Sigma_O is the correlation matrix, and Sigma_OS is divided by `spread`.
        for group in sorted({tuple(np.flatnonzero(~row)) for row in omega}):
            part = list(group)
            if found.z[part] @ correlation[np.ix_(part, part)] @ found.z[part] > DETERMINED:
                names = [vote_name(statistics, *moments.owners[a]) for a in run[part]]
                messages += (
                    f"{names} come out as good as the label itself: either they are, or the rows are too few, and the "
                    "objective falls for ever without a minimum. Compare with estimator='map', or use more rows",
                )
        c = (1 + float(found.z @ correlation @ found.z)) / variance
        covariance = side * (correlation @ found.z) / np.sqrt(c)
        delta[run] = (-1.0 if covariance.sum() < 0 else 1.0) * covariance * spread[run] / variance
        for a in np.setdiff1d(everyone, run):
            below = float(down[a, run] @ delta[run] ** 2)
            delta[a] = float(up[a, run] @ delta[run]) / below if below > 0 else 0.0
        converged, iterations = converged and found.converged, max(iterations, found.iterations)
    left = _unexplained(moments, delta)
    alarm = PoorFitWarning(
        f"estimator='algorithm1' leaves {left:.0%} of the covariance between groups of sources unexplained: on so few "
        "rows, or with dependent sources that all but imply each other, the entries of the inverse that it fits are "
        "mostly noise. Use estimator='wls' or 'map', or more rows"
    )
    estimate = expand_tied(
        statistics,
        groups,
        balance,
        moments,
        delta,
        use_abstains=use_abstains,
        converged=converged,
        iterations=iterations,
    )
    return replace(estimate, messages=(*estimate.messages, *messages), alarm=alarm if left > UNEXPLAINED else None)


def complete(
    sigma: Floats,
    sigma_inverse: Floats,
    omega: Mask,
    start: Floats,
    *,
    seed: int,
    max_iterations: int,
    tolerance: float,
) -> Completion:
    """Minimise || Sigma_O^-1 + z z^T ||_Omega (eq. 5) from `start`, (d,).

    sigma, sigma_inverse, omega : (d, d), symmetric; votes of one group have the same row of Omega
    tolerance : converged when no entry of Sigma_O z / sqrt(1 + z^T Sigma_O z) moves by more in a step
    """
    d = len(start)
    random = np.random.default_rng(seed)
    masked = np.where(omega, sigma_inverse, 0.0)
    partners = [np.flatnonzero(row) for row in omega]
    z = start.astype(np.float64).copy()
    epochs = min(EPOCHS, max_iterations)
    for epoch in range(epochs):
        for a in random.permutation(d):
            near = partners[a]
            others = z[near]
            residual = masked[a, near] + z[a] * others
            # The largest curvature of this row's loss is at most this.
            curvature = float(others @ others) + z[a] ** 2 + float(np.sqrt(residual @ residual))
            if curvature > 0:
                rate = STEP / (1 + epoch) / curvature
                z[near] = others - rate * z[a] * residual
                z[a] -= rate * float(residual @ others)
    best, damping = _loss(masked, omega, z), 1e-3
    converged, iteration = False, epochs
    while not converged and iteration < max_iterations:
        iteration += 1
        residual = np.where(omega, masked + np.outer(z, z), 0.0)
        # Gauss-Newton: e_ab moves with z_a by z_b and with z_b by z_a, for every pair of Omega.
        squares = omega @ z**2
        normal = np.where(omega, np.outer(z, z), 0.0) + np.diag(squares * (1 + damping) + SMALLEST)
        step = np.linalg.solve(normal, -residual @ z)
        moved = np.abs(_correlations(sigma, z + step) - _correlations(sigma, z)).max()
        value = _loss(masked, omega, z + step)
        if value <= best:
            z, best, damping = z + step, value, max(damping / 10, SMALLEST)
        else:
            damping *= 10
        # A short step that rounding alone keeps from improving is as good as none.
        converged = bool(moved < tolerance)
    return Completion(z, converged, iteration)


def _unexplained(moments: Moments, delta: Floats) -> float:
    """Return the share of Sigma_O on Omega, squared and in units of unit variance, that delta_a delta_b C_ab misses."""
    scale = np.maximum(moments.b * (1 - moments.b), 1e-12)
    weights = np.where(moments.related, 1 / np.outer(scale, scale), 0.0)
    total = float((weights * moments.sigma**2).sum())
    left = float((weights * (moments.sigma - moments.structure * np.outer(delta, delta)) ** 2).sum())
    return left / total if total > 0 else 0.0


def _correlations(sigma: Floats, z: Floats) -> Floats:
    product = sigma @ z
    return np.asarray(product / np.sqrt(1 + z @ product))


def _loss(masked: Floats, omega: Mask, z: Floats) -> float:
    return float((np.where(omega, masked + np.outer(z, z), 0.0) ** 2).sum())


def _runs(moments: Moments) -> list[tuple[npt.NDArray[np.int64], Floats]]:
    """Return for each distinct event, complements taken together, the votes on it and their sides, +1 or -1."""
    votes: dict[tuple[float, ...], list[tuple[int, float]]] = {}
    for a, event in enumerate(moments.events):
        same, other = tuple(event.tolist()), tuple((1 - event).tolist())
        key, side = (other, -1.0) if other in votes else (same, 1.0)
        votes.setdefault(key, []).append((a, side))
    return [(np.array([a for a, _ in run]), np.array([side for _, side in run])) for run in votes.values()]


def _invertible(correlation: Floats) -> npt.NDArray[np.int64]:
    """Return the votes to invert, in order: each varies enough once those before it are known.

    Cholesky's pivots are these residual variances; pivoting takes the largest first.
    """
    left = correlation.copy()
    taken: list[int] = []
    for _ in range(len(left)):
        pivot = int(np.diag(left).argmax())
        if left[pivot, pivot] < COLLINEAR:
            break
        taken.append(pivot)
        left = left - np.outer(left[pivot], left[pivot]) / left[pivot, pivot]
    return np.array(sorted(taken), dtype=np.int64)
