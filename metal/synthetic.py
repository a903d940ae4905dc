"""Worlds whose truth is known: sources with given tables, samples of their votes, and exact populations.

A `World` has a class balance over F, a table T_i[c, y] = P(code c | Y = y) for every source, and copies:
a source that copies another repeats its vote with a certain rate and else votes for itself. Copies are the
dependencies that G_source describes: a forest, as every source copies one other at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.statistics import Codes, Statistics
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Sources with known tables.

    tables : for each source (k + 1, r), columns sum to one; row 0 is abstain
    balance : (r,) P(Y) over F
    copies : child name to (parent name, rate), every parent before its children where it is a child itself
    """

    tasks: TaskGraph
    spaces: tuple[LabelSpace, ...]
    tables: tuple[Floats, ...]
    balance: Floats
    copies: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [space.name for space in self.spaces]
        for space, table in zip(self.spaces, self.tables, strict=True):
            shape = (len(space.labels) + 1, len(self.tasks.feasible))
            if table.shape != shape or (table < 0).any() or not np.allclose(table.sum(axis=0), 1):
                raise ValueError(f"the table of source {space.name!r} must be {shape} with columns that sum to one")
        listed = list(self.copies)
        for position, (child, (parent, rate)) in enumerate(self.copies.items()):
            known = child in names and parent in names and child != parent
            if not known or parent in listed[position:]:
                raise ValueError(
                    f"source {child!r} cannot copy {parent!r}: both must be sources, and a parent that copies too "
                    "must be listed before its children"
                )
            if self._space(child).labels != self._space(parent).labels or not 0 <= rate <= 1:
                raise ValueError(f"source {child!r} must have the labels of {parent!r}, and copy at a rate in [0, 1]")

    @property
    def dependencies(self) -> tuple[tuple[str, str], ...]:
        """The edges of G_source: each copy with its original."""
        return tuple((parent, child) for child, (parent, _) in self.copies.items())

    def sample(self, n: int, seed: int) -> tuple[LabelMatrix, npt.NDArray[np.int64]]:
        """Draw n examples: votes, and the gold index into F of each, (n,)."""
        random = np.random.default_rng(seed)
        gold = random.choice(len(self.balance), size=n, p=self.balance)
        codes = np.zeros((n, len(self.spaces)), dtype=np.int64)
        for i, table in enumerate(self.tables):
            steps = np.cumsum(table, axis=0)[:-1]
            codes[:, i] = (random.random(n)[None] >= steps[:, gold]).sum(axis=0)
        for child, (parent, rate) in self.copies.items():
            copied = random.random(n) < rate
            own, original = self._column(child), self._column(parent)
            codes[:, own] = np.where(copied, codes[:, original], codes[:, own])
        return LabelMatrix(codes, self.spaces, self.tasks), gold.astype(np.int64)

    def likelihood(self, codes: Codes) -> Floats:
        """Return P(row | Y) for rows of codes: (n, r)."""
        result = np.ones((len(codes), len(self.balance)))
        for i, (space, table) in enumerate(zip(self.spaces, self.tables, strict=True)):
            own = table[codes[:, i].astype(np.int64)]
            if space.name in self.copies:
                parent, rate = self.copies[space.name]
                same = codes[:, i] == codes[:, self._column(parent)]
                own = rate * same[:, None] + (1 - rate) * own
            result *= own
        return result

    def posterior(self, codes: Codes) -> Floats:
        """Return the true P(Y | row): (n, r), what no label model can beat."""
        joint = self.likelihood(codes) * self.balance
        return np.asarray(joint / joint.sum(axis=1, keepdims=True))

    def population(self) -> Statistics:
        """Return every possible row with its probability as its count: exact moments for few sources."""
        rows = np.array(list(product(*(range(len(space.labels) + 1) for space in self.spaces))), dtype=np.int16)
        probability = self.likelihood(rows) @ self.balance
        return Statistics(rows[probability > 0], probability[probability > 0], self.spaces, self.tasks)

    def accuracies(self) -> dict[str, float]:
        """Return P(vote correct | voted) of every source by name, copies included: what a label model estimates."""
        cast = {space.name: table for space, table in zip(self.spaces, self.tables, strict=True)}
        for child, (parent, rate) in self.copies.items():
            cast[child] = rate * cast[parent] + (1 - rate) * cast[child]
        result = {}
        for space in self.spaces:
            joint = cast[space.name][1:] * self.balance
            result[space.name] = float((joint * space.events(self.tasks)).sum() / joint.sum())
        return result

    def precisions(self) -> tuple[Floats, ...]:
        """Return P(Y in e_l | vote l) of every source voting for itself, one array (k,) a source."""
        result = []
        for space, table in zip(self.spaces, self.tables, strict=True):
            joint = table[1:] * self.balance
            result.append((joint * space.events(self.tasks)).sum(axis=1) / joint.sum(axis=1))
        return tuple(result)

    def _column(self, name: str) -> int:
        return [space.name for space in self.spaces].index(name)

    def _space(self, name: str) -> LabelSpace:
        return self.spaces[self._column(name)]


def tied_table(space: LabelSpace, tasks: TaskGraph, accuracy: float, coverage: float) -> Floats:
    """Return the table of a class-conditional source, (k + 1, r).

    Where a label holds, the source votes on it at rate `coverage` x `accuracy`; each label that does not
    hold gets an equal share of `coverage` x (1 - `accuracy`). It abstains else.
    """
    events = space.events(tasks)
    wrong = coverage * (1 - accuracy) / max(len(events) - 1, 1)
    votes = np.where(events, coverage * accuracy, wrong)
    return np.concatenate([1 - votes.sum(axis=0, keepdims=True), votes])


def random_world(
    tasks: TaskGraph,
    coverage_sets: Sequence[Sequence[str]],
    *,
    seed: int,
    kind: str = "tied",
    accuracy: tuple[float, float] = (0.6, 0.9),
    coverage: tuple[float, float] = (0.4, 0.9),
    balance: npt.ArrayLike | None = None,
    copies: Mapping[str, tuple[str, float]] | None = None,
) -> World:
    """Draw a world: one source a coverage set, named source_0, source_1, ...

    kind : "tied", or "proj" for a confusion matrix that differs between the cells of the coverage set
    accuracy, coverage : the ranges that these are drawn from
    balance : (r,); None draws one near uniform
    """
    if kind not in ("tied", "proj"):
        raise ValueError(f"kind must be 'tied' or 'proj', not {kind!r}")
    random = np.random.default_rng(seed)
    spaces, tables = [], []
    for i, covered in enumerate(coverage_sets):
        space = LabelSpace.checked(f"source_{i}", covered, tasks.projections(covered), tasks)
        spaces.append(space)
        events = space.events(tasks)
        if kind == "tied":
            tables.append(tied_table(space, tasks, random.uniform(*accuracy), random.uniform(*coverage)))
            continue
        table: npt.NDArray[Any] = np.zeros((len(events) + 1, events.shape[1]))
        for cell in events:
            right, votes = random.uniform(*accuracy), random.uniform(*coverage)
            here = np.array([bool((event & cell).any()) for event in events])
            errors = random.dirichlet(np.full(max(len(events) - 1, 1), 3.0))
            column = np.zeros(len(events))
            column[here] = right
            column[~here] = (1 - right) * errors[: int((~here).sum())]
            table[1:, cell] = (votes * column / column.sum())[:, None]
            table[0, cell] = 1 - votes
        tables.append(table)
    shares = random.dirichlet(np.full(len(tasks.feasible), 20.0)) if balance is None else np.asarray(balance, float)
    return World(tasks, tuple(spaces), tuple(tables), shares, dict(copies or {}))


def unipolar_world(balance: Sequence[float], *, seed: int, m: int = 20) -> World:
    """Draw m sources of one label each, in turn over the labels: silence on a class is evidence of another.

    A source votes on 20-60% of the rows where its label holds, and elsewhere at 15-60% of that rate.
    """
    random = np.random.default_rng(seed)
    tasks = TaskGraph.single("label", [str(label) for label in range(len(balance))])
    spaces, tables = [], []
    for i in range(m):
        label = i % len(balance)
        spaces.append(LabelSpace.checked(f"source_{i}", ["label"], [(str(label),)], tasks))
        right = random.uniform(0.2, 0.6)
        wrong = right * random.uniform(0.15, 0.6)
        votes = np.where(np.arange(len(balance)) == label, right, wrong)
        tables.append(np.stack([1 - votes, votes]))
    return World(tasks, tuple(spaces), tuple(tables), np.asarray(balance, dtype=np.float64))


def copying_world(groups: Sequence[int], *, seed: int, m: int = 20, rate: float = 0.8, k: int = 2) -> World:
    """Draw m sources over one task, of which groups of the given sizes copy their first member at `rate`.

    [2] * 6 are six copied pairs, [7] is a star of seven.
    """
    if sum(groups) > m:
        raise ValueError(f"groups of {list(groups)} sources need {sum(groups)} sources; there are {m}")
    copies: dict[str, tuple[str, float]] = {}
    first = 0
    for size in groups:
        copies |= {f"source_{i}": (f"source_{first}", rate) for i in range(first + 1, first + size)}
        first += size
    tasks = TaskGraph.single("label", [str(label) for label in range(k)])
    return random_world(
        tasks,
        [["label"]] * m,
        seed=seed,
        accuracy=(0.55, 0.8),
        coverage=(0.3, 0.8),
        balance=[1 / k] * k,
        copies=copies,
    )
