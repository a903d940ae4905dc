"""Does the likelihood determine the model? The generic rank of the derivatives of P(row), all orders at once.

The moments between groups know a group of dependent sources as a whole. The likelihood knows more: the group's
distribution factorises over its junction tree (`metal.dependencies`), which leaves far fewer parameters. A path of five
sources is one group, and not determined by moments between groups; its likelihood determines it.

At a random point of the model with factors T_u[q, cell] = P(pattern q | separator s(q), cell) and w = P(y | row),

    d log P(row) / d T_u[q, cell] = sum of w_y over the cell / T_u[q, cell]    where the row shows q,

less the same for the last pattern of the separator's part, which makes up for the others. The rows are all rows, or a
random draw of several times as many as there are parameters: generically these have the same rank.

Source: Allman, Matias and Rhodes, Annals of Statistics 2009; Goodman, "Exploratory Latent Structure Analysis Using Both
Identifiable and Unidentifiable Models", Biometrika 61, 1974 (local identifiability by the Jacobian).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.identifiability.rank import Floats, Ints, generic_balance, rank_and_loose, regions
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph

LIMIT = 400
"""Parameters up to which the rank is cheap: its cost grows with their cube."""
ROWS = 4
"""Rows drawn for each parameter, where there are more rows than that."""


def likelihood_rank(
    tasks: TaskGraph,
    spaces: Sequence[LabelSpace],
    dependencies: Sequence[Sequence[str]] = (),
    *,
    parameterisation: str = "proj",
    class_balance: npt.ArrayLike | None = None,
    balance_known: bool = True,
    always_votes: Sequence[str] = (),
    limit: int = LIMIT,
    seed: int = 0,
) -> tuple[int, int, tuple[str, ...]] | None:
    """Return the rank of the likelihood at a random point, the number of parameters, and who is undetermined.

    The parameters are locally determined, generically, exactly if rank and number agree. None where there are more
    than `limit` parameters.

    class_balance : (|F|,); None draws a generic one
    always_votes : sources that never abstain

    Raises ValueError for another parameterisation than "tied", "proj" and "full".
    """
    random = np.random.default_rng(seed)
    graph = DependencyGraph([space.name for space in spaces], dependencies)
    balance = generic_balance(tasks, class_balance, random)
    sizes = [len(space.labels) + (space.name not in always_votes) for space in spaces]
    blocks = []
    count = 0
    for factor in graph.factors:
        clique = [sizes[column] for column in factor.columns]
        tied = parameterisation == "tied" and len(factor.group) == 1
        covered = [t for t in tasks.names if any(t in spaces[column].tasks for column in factor.group)]
        cells = regions(tasks, covered, "proj" if parameterisation == "tied" else parameterisation)
        rest = int(np.prod(clique[factor.given :]))
        parts = 2 if tied else int(np.prod(clique[: factor.given])) * len(cells)
        count += parts * (rest - 1)
        if count > limit:
            return None
        events = spaces[factor.columns[0]].events(tasks).astype(np.float64) if tied else None
        blocks.append(_Block.draw(factor.columns, clique, rest, cells, events, random))
    rows = _rows(sizes, ROWS * (count + len(balance)), random)
    shown = [block.place(rows, sizes) for block in blocks]
    joint = balance * np.prod([block.table[place] for block, place in zip(blocks, shown, strict=True)], axis=0)
    posterior = joint / joint.sum(axis=1, keepdims=True)
    jacobian = np.concatenate(
        [block.derivatives(place, posterior) for block, place in zip(blocks, shown, strict=True)], axis=1
    )
    owner_of = np.repeat(np.arange(len(blocks)), [block.parameters for block in blocks])
    if not balance_known:
        slope = posterior / balance
        jacobian = np.concatenate([jacobian, slope[:, :-1] - slope[:, -1:]], axis=1)
    rank, loose = rank_and_loose(jacobian)
    factors = [graph.factors[u] for u in np.unique(owner_of[loose[: len(owner_of)]])]
    undetermined = {graph.names[column] for factor in factors for column in factor.columns[factor.given :]}
    return rank, jacobian.shape[1], graph.ordered(undetermined)


class _Block:
    """The parameters of one factor: each raises a pattern's probability on a region of F, and lowers another's.

    columns, sizes : the clique and how many codes each of its sources has
    table : (K, r) a random P(pattern | separator, Y)
    up, down : (J,) patterns; acts : (J, r) regions
    """

    def __init__(
        self, columns: tuple[int, ...], sizes: Sequence[int], table: Floats, up: Ints, down: Ints, acts: Floats
    ) -> None:
        self.columns, self.sizes, self.table = columns, tuple(sizes), table
        self.up, self.down, self.acts = up, down, acts

    @property
    def parameters(self) -> int:
        return len(self.up)

    @classmethod
    def draw(
        cls,
        columns: tuple[int, ...],
        sizes: Sequence[int],
        rest: int,
        cells: Floats,
        events: Floats | None,
        random: np.random.Generator,
    ) -> _Block:
        """Draw a table. Patterns are numbered separator first, so that each `rest` in a row share its part.

        events : (k, r) of a tied source, else None. The first code is silence, if the source can be silent.
        """
        patterns = int(np.prod(sizes))
        if events is not None:
            first = patterns - len(events)  # 1, or 0 for a source that never abstains
            votes = np.arange(first, patterns) if first else np.arange(patterns - 1)
            reference = 0 if first else patterns - 1
            table = np.zeros((patterns, cells.shape[1]))
            for vote in votes:
                inside, outside = random.uniform(0.4, 0.9, size=2) / patterns
                table[vote] = np.where(events[vote - first] > 0, inside, outside)
            table[reference] = 1 - table.sum(axis=0)
            acts = np.concatenate(
                [part for vote in votes for part in ([events[vote - first]], [1 - events[vote - first]])]
            )
            up, felt = np.repeat(votes, 2), acts.any(axis=1)
            up, acts = up[felt], acts[felt]
            return cls(columns, sizes, table, up, np.full(len(up), reference), acts)
        drawn = random.uniform(0.3, 1.7, size=(patterns // rest, rest, len(cells)))
        table = (drawn / drawn.sum(axis=1, keepdims=True)).reshape(patterns, -1) @ cells
        moving = np.flatnonzero(np.arange(patterns) % rest != rest - 1)
        up = np.repeat(moving, len(cells))
        return cls(columns, sizes, table, up, up - up % rest + rest - 1, np.tile(cells, (len(moving), 1)))

    def place(self, rows: Ints, sizes: Sequence[int]) -> Ints:
        """Return the pattern that each row (N, m) shows."""
        return np.asarray(np.ravel_multi_index(tuple(rows[:, list(self.columns)].T), self.sizes), dtype=np.int64)

    def derivatives(self, place: Ints, posterior: Floats) -> Floats:
        """Return d log P(row) by every parameter, (N, J)."""
        sign = (place[:, None] == self.up).astype(np.float64) - (place[:, None] == self.down)
        return np.asarray(sign * ((posterior / self.table[place]) @ self.acts.T))


def _rows(sizes: Sequence[int], wanted: int, random: np.random.Generator) -> Ints:
    """Return all rows of codes, or a draw of `wanted` where there are more."""
    total = float(np.prod([float(size) for size in sizes]))
    if total <= wanted:
        return np.stack(np.unravel_index(np.arange(int(total)), tuple(sizes)), axis=1).astype(np.int64)
    return np.stack([random.integers(size, size=wanted) for size in sizes], axis=1)
