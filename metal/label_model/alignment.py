"""Label switching: among the namings of Y that votes cannot tell apart, the one that agrees with the prior.

A permutation s of the feasible set F turns a fit into another, T'[q, s(y)] = T[q, y] and p'[s(y)] = p[y], which
gives every row the same probability. It stays inside the model exactly if it carries cells onto cells for every
partition of F that the tables are constant on: F under a source's coverage set ("proj"), an event and its complement
("tied"), single vectors ("full"). These are the structural automorphisms of (F, coverage); a balance that is given
must be kept as well. From a bad start EM may end at any of their images, at the same likelihood.

Sources are taken to be better than chance: a vote for l and its event e_l go together, whatever the balance is. So of
the images the one is chosen in which they do so most,

    maximise  sum over votes l of Cov(1{l}, 1{s(Y) in e_l})  =  sum over y of A[y, s(y)],
    A[y, z] = sum over votes l with z in e_l of Cov(1{l}, 1{Y = y}),

a group of dependent sources counting as one. Over all permutations that is an assignment problem; the automorphisms
among them are searched by branch and bound with it as the bound: exact, and one assignment where the fit is the best
image already.

Sources: Stephens, "Dealing with label switching in mixture models", JRSS B 62, 2000; the assignment as in Kuhn, 1955.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from metal.label_model.emissions import Floats

NODES = 500
"""Assignment problems of size |F| that are solved at most; then the best automorphism found so far is taken."""
CLEARLY = 1e-9
"""The share of the whole by which an agreement must be higher: equals stay as they are."""

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def covariances(tables: Sequence[Floats], balance: Floats, events: Sequence[Mask], weights: Sequence[float]) -> Floats:
    """Return A, (r, r), of the sources' tables P(code | Y), (k + 1, r), and events, (k, r), each times its weight."""
    result = np.zeros((len(balance), len(balance)))
    for table, masks, weight in zip(tables, events, weights, strict=True):
        joint = table[1:] * balance
        result += weight * (joint - joint.sum(axis=1, keepdims=True) * balance).T @ masks
    return result


def relations(partitions: Iterable[Mask], balance: Floats | None) -> Ints:
    """Return how each pair of feasible vectors is related, as numbers (r, r): s is an automorphism iff it keeps them.

    partitions : each as indicators (r, cells)
    balance : the balance to keep, (r,); None: any
    """
    partitions = list(partitions)
    r = len(partitions[0])
    number = np.eye(r, dtype=np.int64)
    if balance is not None:
        _, kind = np.unique(np.round(balance, 12), return_inverse=True)
        number += 2 * np.diag(kind.reshape(-1))
    for partition in {partition.tobytes(): partition for partition in partitions}.values():
        together = partition.astype(np.int64) @ partition.T.astype(np.int64)
        _, code = np.unique(2 * number + together, return_inverse=True)
        number = code.reshape(r, r).astype(np.int64)
    return number


def best_automorphism(agreement: Floats, related: Ints) -> Ints:
    """Return the automorphism s with the largest sum of agreement[y, s(y)], as positions (r,).

    agreement : (r, r); related : (r, r), see `relations`

    The identity unless another is clearly better. Exact up to NODES assignment problems, which are enough for all but
    large feasible sets without structure whose fit agrees with nothing.
    """
    r = len(agreement)
    best = np.arange(r)
    highest = float(np.trace(agreement)) + CLEARLY * float(np.abs(agreement).sum())
    # Vectors can only be exchanged if they are related to as many others in every way.
    signature = np.sort(related, axis=1)
    possible = (signature[:, None] == signature[None]).all(axis=2)
    possible &= np.diag(related)[:, None] == np.diag(related)[None]
    open_: list[Mask] = [possible]
    for _ in range(NODES):
        if not open_:
            break
        allowed = open_.pop()
        try:
            _, found = linear_sum_assignment(np.where(allowed, agreement, -np.inf), maximize=True)
        except ValueError:  # no assignment inside `allowed`
            continue
        if float(agreement[np.arange(r), found].sum()) <= highest:
            continue
        if np.array_equal(related[np.ix_(found, found)], related):
            best, highest = found.astype(np.int64), float(agreement[np.arange(r), found].sum())
            continue
        choices = allowed.sum(axis=1)
        y = int(np.where(choices > 1, choices, r + 1).argmin())
        # The likeliest image last, for it is then looked at first.
        for z in sorted(np.flatnonzero(allowed[y]), key=lambda z: (float(agreement[y, z]), -z)):
            # If y goes to z, what is related to y in some way goes to what is related to z in that way.
            open_.append(
                allowed & (related[y][:, None] == related[z][None]) & (related[:, y][:, None] == related[:, z])
            )
    return best


def better_than_chance(delta: Floats, prior: Floats, related: Mask) -> Floats:
    """Return delta (d,) with the sign of every component of `related` (d, d) that agrees with the prior's, (d,).

    Sigma_O[a, b] = delta_a delta_b C[a, b] holds for either sign of all delta in a component.
    """
    from scipy.sparse import csgraph

    count, component = csgraph.connected_components(related, directed=False)
    agreement = np.bincount(component, delta * prior, count)
    return np.asarray(delta * np.where(agreement < 0, -1.0, 1.0)[component])
