"""The Hadamard form of the moment equations, by weighted least squares.

Under the tied model the covariance of two votes a, b of different groups is a product,

    Sigma_O[a, b] = delta_a delta_b C[a, b],   C[a, b] = P(e_a and e_b) - pi_a pi_b,

with delta = alpha - beta, and C known from the class balance and the feasible set. Minimise
sum over such pairs of W (Sigma - C delta_a delta_b)^2, W = 1 / (b_a (1 - b_a) b_b (1 - b_b)), by its exact
coordinate updates delta_a = sum_b W C Sigma delta_b / sum_b W C^2 delta_b^2. Then beta = b - delta pi and
alpha = beta + delta ("ExpandTied").

Milliseconds, whatever n is, and every pair of granularities is used; needs the balance. Exact on exact
moments if the tied graph determines delta (`metal.identifiability`).

Source: the covariance identity of Ratner et al., 2019, section 4, under class-conditional sources.
"""

from __future__ import annotations

import numpy as np

from metal.label_model.alignment import better_than_chance
from metal.label_model.emissions import Estimate, Floats
from metal.label_model.moments import Moments, expand_tied, refuse_undetermined, without_odd_cycle
from metal.statistics import Statistics


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

    prior_precision : of the start, which settles the signs
    tolerance : converged when no delta moves by more in a sweep

    Raises NotIdentifiableError naming the votes in a component of the tied graph without an odd cycle.
    """
    moments = Moments.of(statistics, groups, balance)
    refuse_undetermined(
        statistics,
        moments,
        without_odd_cycle(moments.related),
        "Add sources independent of these, or use estimator='map'.",
    )
    delta = moments.starting_delta(prior_precision)
    up, down = normal_equations(moments)
    converged, iteration = False, 0
    while not converged and iteration < max_iterations:
        iteration += 1
        before = delta.copy()
        for a in range(len(delta)):
            below = float(down[a] @ delta**2)
            delta[a] = float(up[a] @ delta) / below if below > 0 else 0.0
        converged = bool(np.abs(delta - before).max() < tolerance)
    delta = better_than_chance(delta, moments.starting_delta(prior_precision), moments.related)
    return expand_tied(
        statistics,
        groups,
        balance,
        moments,
        delta,
        use_abstains=use_abstains,
        converged=converged,
        iterations=iteration,
    )


def normal_equations(moments: Moments) -> tuple[Floats, Floats]:
    """Return W C Sigma and W C^2, each (d, d) and zero outside Omega."""
    scale = np.maximum(moments.b * (1 - moments.b), 1e-12)
    weights = np.where(moments.related, 1 / np.outer(scale, scale), 0.0)
    return weights * moments.structure * moments.sigma, weights * moments.structure**2
