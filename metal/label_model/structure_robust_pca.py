"""Learn G_source by robust PCA of the inverse covariance of the votes.

With Y marginalised out, the inverse covariance of the votes is a sparse matrix, whose off-diagonal entries are the
dependencies, minus one of rank r - 1, which is what Y makes of them all (eq. 3 of Ratner et al., 2019):

    Sigma_O^-1 = S - L,   min ||L||_* + lambda ||S||_1 over S - L = Sigma_O^-1, L positive semidefinite

solved by the alternating direction method; S is free inside a source, whose votes exclude each other. Votes are
standardised first. An entry's standard error is that of the inverse covariance, sqrt((1 + theta^2) / n) for the
partial correlation theta.

Source: Varma, Sala, He, Ratner and Re, "Learning Dependency Structures for Weak Supervision Models", ICML 2019,
algorithm 1; solver: Candes, Li, Ma and Wright, "Robust Principal Component Analysis?", JACM 2011, section 5.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.label_matrix import ABSTAIN
from metal.label_model.emissions import Floats
from metal.statistics import Statistics


def robust_pca_scores(
    statistics: Statistics, *, sparsity: float | None = None, max_iterations: int = 1000, tolerance: float = 1e-7
) -> tuple[Floats, Floats]:
    """Return the strength and the z of a dependency of each pair of sources, both (m, m), symmetric, zero diagonal.

    The strength is the largest partial correlation that S keeps between votes of the two.

    sparsity : lambda; None: 1 / sqrt(number of kinds of votes)

    Raises ValueError naming sources that vote exactly alike, whose covariance has no inverse.
    """
    owner, covariance = _votes(statistics)
    m = len(statistics.spaces)
    if not len(owner):
        return np.zeros((m, m)), np.zeros((m, m))
    inverse = _inverse(covariance, owner, statistics)
    root = np.sqrt(np.diag(inverse))
    theta = inverse / np.outer(root, root)
    free = owner[:, None] == owner[None, :]
    sparse, _ = decompose(
        theta,
        free,
        len(owner) ** -0.5 if sparsity is None else sparsity,
        max_iterations=max_iterations,
        tolerance=tolerance,
    )
    error = np.sqrt((1 + theta**2) / max(statistics.n, 1.0))
    strength, z = np.zeros((m, m)), np.zeros((m, m))
    pairs = (owner[:, None], owner[None, :])
    np.maximum.at(strength, pairs, np.where(free, 0.0, np.abs(sparse)))
    np.maximum.at(z, pairs, np.where(free, 0.0, np.abs(sparse) / error))
    return strength, z


def decompose(
    matrix: Floats,
    free: npt.NDArray[np.bool_],
    sparsity: float,
    *,
    max_iterations: int = 1000,
    tolerance: float = 1e-7,
) -> tuple[Floats, Floats]:
    """Split a symmetric matrix into S - L, S sparse outside of `free` and L positive semidefinite of low rank.

    Minimises tr L + sparsity x sum |S| outside of `free`, by alternating directions on the augmented Lagrangian.
    """
    size = len(matrix)
    step = size * size / (4 * float(np.abs(matrix).sum()))
    dual, low = np.zeros_like(matrix), np.zeros_like(matrix)
    sparse = matrix.copy()
    scale = float(np.linalg.norm(matrix))
    for _ in range(max_iterations):
        values, vectors = np.linalg.eigh(sparse - matrix + dual / step)
        low = (vectors * np.maximum(values - 1 / step, 0.0)) @ vectors.T
        target = matrix + low - dual / step
        sparse = np.where(free, target, np.sign(target) * np.maximum(np.abs(target) - sparsity / step, 0.0))
        gap = sparse - low - matrix
        dual = dual + step * gap
        if float(np.linalg.norm(gap)) < tolerance * scale:
            break
    return sparse, low


def _votes(statistics: Statistics) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the owner and the covariance of the votes that occur; who never abstains drops one value."""
    owners: list[int] = []
    chosen: list[int] = []
    offset = 0
    for i, total in enumerate(statistics.totals):
        cast = [c for c in range(1, len(total)) if total[c] > 0]
        cast = cast[:-1] if total[ABSTAIN] <= 0 else cast
        owners += [i] * len(cast)
        chosen += [offset + c - 1 for c in cast]
        offset += len(total) - 1
    together = statistics.cooccurrences[np.ix_(chosen, chosen)]
    share = np.diag(together)
    return np.array(owners, dtype=np.int64), together - np.outer(share, share)


def _inverse(covariance: Floats, owner: npt.NDArray[np.int64], statistics: Statistics) -> Floats:
    spread = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(spread, spread))
    if values[0] < 1e-10:
        names = sorted({statistics.names[owner[a]] for a in np.flatnonzero(np.abs(vectors[:, 0]) > 1e-6)})
        raise ValueError(
            f"the votes of {names} determine each other, so that their covariance has no inverse; drop one of them"
        )
    return np.asarray((vectors / values) @ vectors.T / np.outer(spread, spread))
