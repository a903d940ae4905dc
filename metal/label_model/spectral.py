"""The class balance from three independent views of the votes, by a spectral decomposition.

Sources are split into three views x_1, x_2, x_3 (each a constant and vote indicators), independent given Y.
With A_v[a, y] = P(a | y), a constant's row being ones,

    E[x_u x_v^T] = A_u diag(p) A_v^T,      E[x_1 (x) x_2 (x) x_3] = sum_y p_y A_1y (x) A_2y (x) A_3y.

For each view v in turn, the other two are carried into its coordinates,
x~_u = E[x_v x_w^T] E[x_u x_w^T]^+ x_u, so that M2 = E[x~_u x~_w^T] = A_v diag(p) A_v^T and
M3 = E[x~_u (x) x~_w (x) x_v] = sum_y p_y A_vy^(x)3. Whitening with W^T M2 W = I makes the slices of M3(W, W, W)
diagonal in one orthogonal basis, found by Jacobi rotations of all slices at once; the basis gives the columns of
A_v up to scale, the constant's row fixes the scale, and A_v p = E[x_v] gives p. Columns are named by the
matching that makes votes better than chance; the three estimates of p are averaged.

Needs no tying: only that each view tells all feasible vectors apart.

Source: Anandkumar, Ge, Hsu, Kakade and Telgarsky, "Tensor Decompositions for Learning Latent Variable Models",
JMLR 15, 2014, theorem 3.6; Cardoso and Souloumiac, "Jacobi Angles for Simultaneous Diagonalization", SIAM J. Matrix
Anal. Appl. 17, 1996; three views for the class balance as in Ratner et al., 2019, appendix.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from metal.label_matrix import ABSTAIN
from metal.label_model.emissions import Floats
from metal.label_model.moments import NotIdentifiableError
from metal.statistics import Statistics

FLOOR = 1e-3
"""The least probability of a feasible vector that is returned: sampling error may say less than nothing."""
RANK = 1e-8
"""Singular values below this share of the largest are zero."""
SWEEPS = 100


def spectral_balance(statistics: Statistics, groups: tuple[tuple[int, ...], ...]) -> Floats:
    """Estimate P(Y) over F, (r,), positive and summing to one.

    groups : the groups of dependent sources, as column positions; a group is never split between views

    Raises NotIdentifiableError where no three views tell all feasible vectors apart.
    """
    r = len(statistics.tasks.feasible)
    if r == 1:
        return np.ones(1)
    weights = statistics.counts / statistics.n
    views = [_View.of(statistics, columns, weights) for columns in _split(statistics, groups, r)]
    found = [_balance_seen_by(views[v], views[v - 1], views[v - 2], weights, r) for v in range(3)]
    if any(balance is None for balance in found):
        raise _undetermined("too few votes, or votes too weak, for three views")
    balance = np.maximum(np.mean([b for b in found if b is not None], axis=0), FLOOR)
    return np.asarray(balance / balance.sum())


class _View:
    """A constant and the scaled vote indicators of some sources: x (u, d), their events (d, r), means (d,)."""

    def __init__(self, x: Floats, events: Floats, weights: Floats) -> None:
        self.x, self.events = x, events
        self.mean = weights @ x

    @classmethod
    def of(cls, statistics: Statistics, columns: Sequence[int], weights: Floats) -> _View:
        parts, events = [np.ones(len(weights))], [np.ones(len(statistics.tasks.feasible))]
        for column in columns:
            masks = statistics.spaces[column].events(statistics.tasks)
            for code in _occurring(statistics, column):
                votes = (statistics.rows[:, column] == code).astype(np.float64)
                share = float(weights @ votes)
                # Unit variance: a rare vote is as good a witness of the balance as a frequent one.
                parts.append(votes / np.sqrt(share * (1 - share)))
                events.append(masks[code - 1].astype(np.float64))
        return cls(np.stack(parts, axis=1), np.stack(events), weights)


def _occurring(statistics: Statistics, column: int) -> list[int]:
    """Return the codes of a source that occur and vary, without the last of one that never abstains."""
    total = statistics.totals[column]
    codes = [code for code in range(1, len(total)) if 0 < total[code] < total.sum()]
    return codes[:-1] if total[ABSTAIN] <= 0 else codes


def _split(statistics: Statistics, groups: tuple[tuple[int, ...], ...], r: int) -> list[list[int]]:
    """Deal the groups out to three views so that each tells all feasible vectors apart.

    Groups go, the most telling first, to the view that learns most from them: the rank of the events it
    sees rises most, and of those the one with the fewest votes so far.
    """
    votes = [float(total[1:].sum()) / statistics.n for total in statistics.totals]

    def events(columns: Sequence[int]) -> list[Floats]:
        found = [np.ones(r)]
        for column in columns:
            masks = statistics.spaces[column].events(statistics.tasks).astype(np.float64)
            found += [masks[code - 1] for code in _occurring(statistics, column)]
        return found

    def rank(columns: Sequence[int]) -> int:
        return int(np.linalg.matrix_rank(np.stack(events(columns))))

    def weight(columns: Sequence[int]) -> float:
        return max((votes[column] for column in columns), default=0.0)

    views: list[list[int]] = [[], [], []]
    loads = [0.0, 0.0, 0.0]
    for group in sorted(groups, key=lambda columns: (-rank(columns), -weight(columns), columns)):
        gains = [rank([*view, *group]) - rank(view) for view in views]
        chosen = min(range(3), key=lambda v: (-gains[v], loads[v], v))
        views[chosen] += group
        loads[chosen] += weight(group)
    if min(rank(view) for view in views) < r:
        raise _undetermined("the sources do not split into three independent views that tell all label vectors apart")
    return views


def _balance_seen_by(view: _View, one: _View, two: _View, weights: Floats, r: int) -> Floats | None:
    """Return p from the decomposition in the coordinates of `view`, (r,); None where the moments lack rank."""

    def cross(left: _View, right: _View) -> Floats:
        return np.asarray(left.x.T @ (right.x * weights[:, None]))

    first = one.x @ (cross(view, two) @ _pseudo_inverse(cross(one, two), r)).T
    second = two.x @ (cross(view, one) @ _pseudo_inverse(cross(two, one), r)).T
    pairs = first.T @ (second * weights[:, None])
    values, vectors = np.linalg.eigh((pairs + pairs.T) / 2)
    values, vectors = values[-r:], vectors[:, -r:]
    if values[0] <= RANK * values[-1]:
        return None
    whiten, colour = vectors / np.sqrt(values), vectors * np.sqrt(values)
    triples = np.einsum(
        "ui,uj,uk->kij", (first @ whiten) * weights[:, None], second @ whiten, view.x @ whiten, optimize=True
    )
    basis = joint_diagonaliser((triples + triples.transpose(0, 2, 1)) / 2)
    columns = colour @ basis
    if (np.abs(columns[0]) < RANK).any():
        return None
    columns = columns / columns[0]
    balance = np.linalg.lstsq(columns, view.mean, rcond=None)[0]
    # Better than chance: above its mean rate where the vote's event holds, below it elsewhere.
    contrast = view.events - view.events.mean(axis=1, keepdims=True)
    _, order = linear_sum_assignment(contrast.T @ columns, maximize=True)
    return np.asarray(balance[order])


def joint_diagonaliser(slices: Floats) -> Floats:
    """Return the orthogonal (r, r) V for which V^T S_k V are as diagonal as can be, for symmetric slices (K, r, r).

    Each Jacobi rotation maximises the diagonals' sum of squares over one plane in closed form: the leading
    eigenvector of the 2 x 2 matrix of h = (S_pp - S_qq, 2 S_pq) over the slices is the double angle.
    """
    work = slices.copy()
    r = work.shape[1]
    basis = np.eye(r)
    for _ in range(SWEEPS):
        turned = 0.0
        for p in range(r):
            for q in range(p + 1, r):
                h = np.stack([work[:, p, p] - work[:, q, q], 2 * work[:, p, q]])
                gram = h @ h.T
                double = 0.5 * np.arctan2(2 * gram[0, 1], gram[0, 0] - gram[1, 1])
                angle = 0.5 * double
                turned = max(turned, abs(angle))
                rotation = np.eye(r)
                rotation[p, p] = rotation[q, q] = np.cos(angle)
                rotation[q, p], rotation[p, q] = np.sin(angle), -np.sin(angle)
                work = rotation.T @ work @ rotation
                basis = basis @ rotation
        if turned < 1e-14:
            break
    return basis


def _pseudo_inverse(matrix: Floats, r: int) -> Floats:
    """Return the pseudo-inverse of the best approximation of rank r."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    kept: npt.NDArray[np.bool_] = (np.arange(len(values)) < r) & (values > RANK * values[0])
    return np.asarray((right[kept].T / values[kept]) @ left[:, kept].T)


def _undetermined(why: str) -> NotIdentifiableError:
    return NotIdentifiableError(
        f"the class balance is not determined by the votes: {why}. Give class_balance, or use estimator='map' or 'mle'."
    )
