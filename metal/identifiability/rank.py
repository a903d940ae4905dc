"""The generic Jacobian rank: whether moments determine the parameters locally, at a random point.

A polynomial map has the same rank at almost every point (Allman, Matias and Rhodes, "Identifiability of parameters in
latent structure models with many observed variables", Annals of Statistics 2009).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]


def generic_rank(
    tasks: TaskGraph,
    spaces: Sequence[LabelSpace],
    dependencies: Sequence[Sequence[str]] = (),
    *,
    parameterisation: str = "proj",
    class_balance: npt.ArrayLike | None = None,
    balance_known: bool = True,
    order: int = 2,
    seed: int = 0,
) -> tuple[int, int, tuple[str, ...]]:
    """Return the rank of the moments' Jacobian at a random point, the number of parameters, and who is undetermined.

    Moments are those of the votes of up to `order` (2 or 3) different groups. The parameters are locally
    determined, generically, exactly if rank and number agree. Every source may abstain.
    Cost grows with the number of votes to the power 2 x order: for tens of sources, not hundreds.

    class_balance : (|F|,); None draws a generic one
    """
    if order not in (2, 3):
        raise ValueError(f"order must be 2 or 3, not {order}")
    if parameterisation not in ("tied", "proj", "full"):
        raise ValueError(f"parameterisation must be 'tied', 'proj' or 'full', not {parameterisation!r}")
    random = np.random.default_rng(seed)
    graph = DependencyGraph([space.name for space in spaces], dependencies)
    r = len(tasks.feasible)
    balance = (
        random.dirichlet(np.full(r, 5.0)) if class_balance is None else np.asarray(class_balance, dtype=np.float64)
    )
    group_of = {column: g for g, columns in enumerate(graph.columns) for column in columns}
    owners: list[int] = []
    shapes: list[Floats] = []  # for each vote, indicators (parameters, r) of where each of its parameters acts
    for i, space in enumerate(spaces):
        cells = np.stack([tasks.event(space.tasks, label) for label in tasks.projections(space.tasks)]).astype(
            np.float64
        )
        for event in space.events(tasks).astype(np.float64):
            owners.append(i)
            shapes.append({"tied": np.stack([event, 1 - event]), "proj": cells, "full": np.eye(r)}[parameterisation])
    starts = np.cumsum([0, *(len(shape) for shape in shapes)])
    total = int(starts[-1])
    tables = np.stack([random.uniform(0.05, 0.3, size=len(shape)) @ shape for shape in shapes])  # (D, r)
    group = [group_of[i] for i in owners]
    rows: list[Floats] = []

    def moment(members: tuple[int, ...]) -> None:
        row = np.zeros(total + r)
        for a in members:
            others = balance * np.prod([tables[b] for b in members if b != a], axis=0)
            row[starts[a] : starts[a + 1]] = shapes[a] @ others
        row[total:] = np.prod([tables[a] for a in members], axis=0)
        rows.append(row)

    count = len(owners)
    for a in range(count):
        moment((a,))
        for b in range(a + 1, count):
            if group[a] == group[b]:
                continue
            moment((a, b))
            if order == 3:
                for c in range(b + 1, count):
                    if group[c] not in (group[a], group[b]):
                        moment((a, b, c))
    jacobian = np.array(rows)
    # P(Y) sums to one: move along differences from its last entry.
    free = jacobian[:, total:-1] - jacobian[:, -1:]
    jacobian = jacobian[:, :total] if balance_known else np.concatenate([jacobian[:, :total], free], axis=1)
    if len(jacobian) > jacobian.shape[1]:
        # The triangular factor has the same singular values and right vectors, in far fewer rows.
        jacobian = np.asarray(np.linalg.qr(jacobian, mode="r"), dtype=np.float64)
    _, singular, right = np.linalg.svd(jacobian, full_matrices=True)
    rank = int((singular > 1e-9 * singular[0]).sum())
    loose = np.abs(right[rank:]).max(axis=0, initial=0.0) > 1e-6
    undetermined = {spaces[owners[a]].name for a in range(count) if loose[starts[a] : starts[a + 1]].any()}
    return rank, jacobian.shape[1], graph.ordered(undetermined)
