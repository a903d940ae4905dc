"""The generic Jacobian rank: whether moments determine the parameters locally, at a random point.

A polynomial map has the same rank at almost every point (Allman, Matias and Rhodes, "Identifiability of parameters in
latent structure models with many observed variables", Annals of Statistics 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PARAMETERISATIONS = ("tied", "proj", "full")
OPEN = 1e-9
"""Singular values below this share of the largest are zero."""
LOOSE = 1e-6
"""A parameter moves along an undetermined direction if it makes up more than this of it."""


def generic_rank(
    tasks: TaskGraph,
    spaces: Sequence[LabelSpace],
    dependencies: Sequence[Sequence[str]] = (),
    *,
    parameterisation: str = "proj",
    class_balance: npt.ArrayLike | None = None,
    balance_known: bool = True,
    order: int = 2,
    always_votes: Sequence[str] = (),
    seed: int = 0,
) -> tuple[int, int, tuple[str, ...]]:
    """Return the rank of the moments' Jacobian at a random point, the number of parameters, and who is undetermined.

    Moments are those of the votes of up to `order` (2 or 3) different groups. The parameters are locally
    determined, generically, exactly if rank and number agree.
    Cost grows with the number of votes to the power `order` + 2: for tens of sources, not hundreds.

    class_balance : (|F|,); None draws a generic one
    always_votes : sources that never abstain: their last vote follows from the others, and has no parameters

    Raises ValueError for another order or parameterisation.
    """
    if order not in (2, 3):
        raise ValueError(f"order must be 2 or 3, not {order}")
    random = np.random.default_rng(seed)
    graph = DependencyGraph([space.name for space in spaces], dependencies)
    balance = generic_balance(tasks, class_balance, random)
    group_of = {column: g for g, columns in enumerate(graph.columns) for column in columns}
    owners: list[int] = []
    shapes: list[Floats] = []  # for each vote, indicators (parameters, r) of where each of its parameters acts
    for i, space in enumerate(spaces):
        events = space.events(tasks).astype(np.float64)
        for event in events[: len(events) - (space.name in always_votes)]:
            owners.append(i)
            parts = np.stack([event, 1 - event]) if parameterisation == "tied" else None
            shapes.append(regions(tasks, space.tasks, parameterisation) if parts is None else parts[parts.any(axis=1)])
    owner_of = np.repeat(np.arange(len(owners)), [len(shape) for shape in shapes])
    acts = np.concatenate(shapes) if shapes else np.zeros((0, len(balance)))
    tables = np.stack([random.uniform(0.05, 0.3, size=len(shape)) @ shape for shape in shapes])  # (D, r)
    group = np.array([group_of[i] for i in owners], dtype=np.int64)
    members: list[Ints] = [np.arange(len(owners))[:, None]]
    for size in range(2, order + 1):
        chosen = np.array(list(combinations(range(len(owners)), size)), dtype=np.int64).reshape(-1, size)
        apart = np.all([group[chosen[:, a]] != group[chosen[:, b]] for a, b in combinations(range(size), 2)], axis=0)
        members.append(chosen[apart])
    jacobian = np.concatenate([_moments(chosen, tables, acts, owner_of, balance) for chosen in members])
    total = len(acts)
    # P(Y) sums to one: move along differences from its last entry.
    free = jacobian[:, total:-1] - jacobian[:, -1:]
    jacobian = jacobian[:, :total] if balance_known else np.concatenate([jacobian[:, :total], free], axis=1)
    rank, loose = rank_and_loose(jacobian)
    undetermined = {spaces[owners[a]].name for a in owner_of[loose[:total]]}
    return rank, jacobian.shape[1], graph.ordered(undetermined)


def generic_balance(tasks: TaskGraph, class_balance: npt.ArrayLike | None, random: np.random.Generator) -> Floats:
    """Return the given balance as an array (r,), or draw a generic one."""
    r = len(tasks.feasible)
    return random.dirichlet(np.full(r, 5.0)) if class_balance is None else np.asarray(class_balance, dtype=np.float64)


def regions(tasks: TaskGraph, covered: Sequence[str], parameterisation: str) -> Floats:
    """Return where in F tables over the given tasks may differ, as indicators (cells, r): "proj" or "full".

    Raises ValueError for another parameterisation.
    """
    if parameterisation not in PARAMETERISATIONS[1:]:
        raise ValueError(f"parameterisation must be 'tied', 'proj' or 'full', not {parameterisation!r}")
    if parameterisation == "full":
        return np.eye(len(tasks.feasible))
    return np.stack([tasks.event(covered, label) for label in tasks.projections(covered)]).astype(np.float64)


def rank_and_loose(jacobian: Floats) -> tuple[int, npt.NDArray[np.bool_]]:
    """Return the rank of a Jacobian (moments, P), and which parameters its null vectors move, (P,)."""
    if len(jacobian) > jacobian.shape[1]:
        # The triangular factor has the same singular values and right vectors, in far fewer rows.
        jacobian = np.asarray(np.linalg.qr(jacobian, mode="r"), dtype=np.float64)
    _, singular, right = np.linalg.svd(jacobian, full_matrices=True)
    rank = int((singular > OPEN * singular.max(initial=0.0)).sum())
    return rank, np.asarray(np.abs(right[rank:]).max(axis=0, initial=0.0) > LOOSE)


def _moments(chosen: Ints, tables: Floats, acts: Floats, owner_of: Ints, balance: Floats) -> Floats:
    """Return the derivatives (N, P + r) of E[product of votes] for tuples of votes (N, size), by tables and balance."""
    shown = tables[chosen]  # (N, size, r)
    result = np.zeros((len(chosen), len(acts) + len(balance)))
    for place in range(chosen.shape[1]):
        others = balance * np.prod(np.delete(shown, place, axis=1), axis=1)
        mine = chosen[:, place, None] == owner_of[None, :]
        result[:, : len(acts)] += np.where(mine, others @ acts.T, 0.0)
    result[:, len(acts) :] = np.prod(shown, axis=1)
    return result
