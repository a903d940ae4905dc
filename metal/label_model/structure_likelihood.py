"""Learn G_source from the likelihood of each source's votes given the others'.

Y marginalised out, the vote of source j given all others is a mixture over y,

    P(vote_j = c, y | others) ~ exp(h_c + a_j E_j[c, y] + sum_k a_k E_k[vote_k, y] + sum_k theta_k A_jk[c, vote_k])

with E_k[c, y] = 1{y in e_c}, an accuracy a_k each, a propensity h_c each, and a dependency theta_k of j on k that
rewards agreement, A = 1{both vote, for events that meet}. The mean log pseudo-likelihood, log sum_y P, is maximised
less an l1 penalty on theta alone by accelerated proximal gradients, from accuracies that are all alike. Its gradient is

    E[features | vote_j, others] - E[features | others].

Standard errors come from the outer products of the rows' gradients. An edge needs both of its directions.

Source: Bach, He, Ratner and Re, "Learning the Structure of Generative Models without Labeled Data", ICML 2017,
algorithm 1, with exact expectations in place of sampled ones; solver: Beck and Teboulle, SIAM J. Imaging Sc. 2009.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.label_model.emissions import Floats
from metal.statistics import Statistics

ROWS = 3_000
"""Distinct rows at most; of more, every s-th is taken."""


def likelihood_scores(
    statistics: Statistics, *, penalty: float | None = None, max_iterations: int = 150
) -> tuple[Floats, Floats]:
    """Return the strength and the z of a dependency of each pair of sources, both (m, m), symmetric, zero diagonal.

    The strength is |theta| in the weaker direction: the log odds that a vote of one adds to the same of the other.

    penalty : of theta, in nats; None: .5 sqrt(log m / n)
    """
    m = len(statistics.spaces)
    step = int(np.ceil(len(statistics) / ROWS))
    rows, counts = statistics.rows[::step].astype(np.int64), statistics.counts[::step].astype(np.float64)
    n = float(counts.sum())
    if penalty is None:
        penalty = 0.5 * float(np.sqrt(np.log(max(m, 2)) / n))
    masks = [
        np.concatenate([np.zeros((1, len(statistics.tasks.feasible))), space.events(statistics.tasks)])
        for space in statistics.spaces
    ]
    strength, z = np.zeros((m, m)), np.zeros((m, m))
    for j in range(m):
        others = [k for k in range(m) if k != j]
        theta, error = _fit_source(j, others, rows, counts / n, n, masks, penalty, max_iterations)
        strength[j, others], z[j, others] = np.abs(theta), np.abs(theta) / error
    return np.minimum(strength, strength.T), np.minimum(z, z.T)


def _fit_source(
    j: int,
    others: list[int],
    rows: npt.NDArray[np.int64],
    weights: Floats,
    n: float,
    masks: list[Floats],
    penalty: float,
    max_iterations: int,
) -> tuple[Floats, Floats]:
    """Maximise one source's penalised pseudo-likelihood: its dependencies (m - 1,) and their standard errors."""
    codes = len(masks[j])
    evidence = np.stack([masks[k][rows[:, k]] for k in others])  # (m - 1, n, r)
    agreeing = [(masks[j] @ masks[k].T > 0).astype(np.float64) for k in others]
    agreement = np.stack([agrees[:, rows[:, k]].T for agrees, k in zip(agreeing, others, strict=True)])  # (m-1, n, c)
    voted = rows[:, j]
    every = np.arange(len(rows))
    m = len(others)
    parts = np.cumsum([codes, 1, m, m])  # h, a_j, a_others, theta
    parameters = np.zeros(parts[-1])
    parameters[codes : parts[2]] = 1.0
    cast = np.bincount(voted, weights, codes)
    parameters[:codes] = np.log(np.maximum(cast, 1e-6))

    def gradients(values: Floats) -> Floats:
        """Return the gradient of every row's log pseudo-likelihood, (n, parameters)."""
        h, own, accuracy, theta = np.split(values, parts[:-1])
        scores = h + np.einsum("k,knc->nc", theta, agreement)
        scores = scores[:, :, None] + own * masks[j] + np.einsum("k,knr->nr", accuracy, evidence)[:, None, :]
        joint = np.exp(scores - scores.max(axis=(1, 2), keepdims=True))
        seen = joint[every, voted] / joint[every, voted].sum(axis=1, keepdims=True)  # P(y | vote_j, others)
        joint /= joint.sum(axis=(1, 2), keepdims=True)
        by_code, by_y = joint.sum(axis=2), joint.sum(axis=1)
        right = (seen * masks[j][voted]).sum(axis=1) - (joint * masks[j]).sum(axis=(1, 2))
        accuracies = np.einsum("knr,nr->nk", evidence, seen - by_y)
        onehot = np.eye(codes)[voted] - by_code
        dependencies = np.einsum("knc,nc->nk", agreement, onehot)
        return np.concatenate([onehot, right[:, None], accuracies, dependencies], axis=1)

    rate = 4.0 / (2.0 + m / 4)
    point, momentum = parameters.copy(), 1.0
    for _ in range(max_iterations):
        moved = point + rate * (weights @ gradients(point))
        moved[parts[2] :] = np.sign(moved[parts[2] :]) * np.maximum(np.abs(moved[parts[2] :]) - rate * penalty, 0.0)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        point = moved + (momentum - 1) / following * (moved - parameters)
        change = float(np.abs(moved - parameters).max())
        parameters, momentum = moved, following
        if change < 1e-4:
            break
    rows_gradients = gradients(parameters)
    information = (rows_gradients * weights[:, None]).T @ rows_gradients
    covariance = np.linalg.pinv(information, hermitian=True) / n
    error = np.sqrt(np.maximum(np.diag(covariance)[parts[2] :], 1 / n))
    return parameters[parts[2] :], error
