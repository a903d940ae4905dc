"""Sources with any graph of dependencies, few enough to write every row's probability down."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from metal import LabelMatrix, LabelSpace, Statistics, TaskGraph
from metal.dependencies import DependencyGraph

Floats = npt.NDArray[np.float64]
Pairs = tuple[tuple[int, int], ...]

GRAPHS: dict[str, tuple[int, Pairs]] = {
    "path of 5": (5, ((0, 1), (1, 2), (2, 3), (3, 4))),
    "star of 7": (7, tuple((0, i) for i in range(1, 7))),
    "K3,3": (6, tuple((i, j) for i in (0, 1, 2) for j in (3, 4, 5))),
    "cycle of 4": (4, ((0, 1), (1, 2), (2, 3), (0, 3))),
    "cycle of 6": (6, ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5))),
    "two triangles that share a source": (5, ((0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4))),
    "two triangles that share an edge": (4, ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3))),
}


@dataclass(frozen=True)
class DependentWorld:
    """A Markov random field given Y: P(row | y) ~ exp(sum_i a_i[code_i, y] + sum over edges of b_ij[code_i, code_j]).

    rows : (u, m) every row; likelihood : (u, r) its probability given Y; balance : (r,)
    """

    tasks: TaskGraph
    spaces: tuple[LabelSpace, ...]
    dependencies: tuple[tuple[str, str], ...]
    rows: npt.NDArray[np.int64]
    likelihood: Floats
    balance: Floats

    def posterior(self) -> Floats:
        """Return the true P(Y | row) of every row, (u, r)."""
        joint = self.likelihood * self.balance
        return np.asarray(joint / joint.sum(axis=1, keepdims=True))

    def population(self) -> Statistics:
        return Statistics(self.rows, self.likelihood @ self.balance, self.spaces, self.tasks)

    def sample(self, n: int, seed: int) -> tuple[LabelMatrix, npt.NDArray[np.int64]]:
        random = np.random.default_rng(seed)
        joint = (self.likelihood * self.balance).ravel()
        row, gold = np.divmod(random.choice(len(joint), size=n, p=joint / joint.sum()), len(self.balance))
        return LabelMatrix(self.rows[row], self.spaces, self.tasks), gold

    def table(self, source: int) -> Floats:
        """Return P(code | y) of one source, (k + 1, r)."""
        return np.stack(
            [
                self.likelihood[self.rows[:, source] == code].sum(axis=0)
                for code in range(len(self.spaces[source].labels) + 1)
            ]
        )

    def accuracies(self) -> Floats:
        """Return P(vote correct | voted) of every source, (m,)."""
        found = []
        for i, space in enumerate(self.spaces):
            joint = self.table(i)[1:] * self.balance
            found.append(float((joint * space.events(self.tasks)).sum() / joint.sum()))
        return np.array(found)


def dependent_world(
    m: int,
    edges: Pairs,
    *,
    seed: int,
    tasks: TaskGraph | None = None,
    coupling: float = 1.0,
    abstains: bool = True,
    balance: tuple[float, ...] | None = None,
) -> DependentWorld:
    """Draw a world: sources that favour the label that holds, and that agree with their neighbours by `coupling`."""
    tasks = tasks or TaskGraph.single("spam", ("no", "yes"))
    random = np.random.default_rng(seed)
    r = len(tasks.feasible)
    covered = tuple(tasks.names)
    spaces = tuple(LabelSpace.checked(f"source_{i}", covered, tasks.projections(covered), tasks) for i in range(m))
    k = len(spaces[0].labels)
    rows = np.array(list(product(range(0 if abstains else 1, k + 1), repeat=m)), dtype=np.int64)
    scores = np.zeros((len(rows), r))
    for i, space in enumerate(spaces):
        right = space.events(tasks).astype(float)
        table = np.concatenate([np.zeros((1, r)), random.uniform(-0.2, 0.2, (k, r)) + random.uniform(0.8, 1.4) * right])
        scores += table[rows[:, i]]
    for i, j in edges:
        together = np.zeros((k + 1, k + 1))
        together[np.arange(1, k + 1), np.arange(1, k + 1)] = coupling * random.uniform(0.7, 1.3)
        scores += together[rows[:, i], rows[:, j]][:, None]
    likelihood = np.exp(scores - scores.max())
    likelihood /= likelihood.sum(axis=0)
    names = [space.name for space in spaces]
    shares = np.array(balance) if balance else random.dirichlet(np.full(r, 20.0))
    return DependentWorld(tasks, spaces, tuple((names[i], names[j]) for i, j in edges), rows, likelihood, shares)


def random_edges(m: int, share: float, seed: int) -> Pairs:
    """Draw a graph: every pair an edge with probability `share`."""
    random = np.random.default_rng(seed)
    return tuple(pair for pair in combinations(range(m), 2) if random.random() < share)


def graph_of(world: DependentWorld) -> DependencyGraph:
    return DependencyGraph([space.name for space in world.spaces], world.dependencies)
