"""Tasks that have nothing to do with each other: each block of tasks is fitted by itself, as models of their own.

Two tasks belong to one *block* if the feasible set is not a product over them, if one is the other's parent, if a
source covers both, or if a source of one depends on a source of the other. Between blocks nothing is shared, and
with a class balance that is a product over them,

    P(Y | votes) = prod over blocks of P(Y_block | the block's votes),

so that the parts are estimated alone: a model of independent tasks is the models of its tasks. A class balance that is
given and no product of its marginals ties all tasks together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, combinations

import networkx as nx
import numpy as np

from metal.dependencies import DependencyGraph
from metal.label_model.emissions import Emissions, Estimate, Floats, Separate, Unit
from metal.statistics import Ints, Statistics
from metal.tasks import TaskGraph

PRODUCT = 1e-9
"""The relative error up to which a given balance is a product of its marginals."""


@dataclass(frozen=True)
class Block:
    """Tasks to be fitted by themselves.

    statistics, graph, balance : as of a model of these tasks alone
    columns : its sources, as positions among all
    labels : (|F|,) for each feasible vector of all tasks the position of its part in the block's own feasible set
    """

    statistics: Statistics
    graph: DependencyGraph
    balance: Floats | None
    columns: tuple[int, ...]
    labels: Ints

    @property
    def called(self) -> str:
        """The names of its tasks, as messages begin that are about them alone."""
        return "task " + " and ".join(repr(name) for name in self.statistics.tasks.names)

    @property
    def voted(self) -> bool:
        """Whether any source of the block votes."""
        return bool(self.statistics.counts[self.statistics.voted].sum() > 0)


def blocks_of(statistics: Statistics, graph: DependencyGraph, balance: Floats | None) -> tuple[Block, ...]:
    """Return the blocks in the order of their first tasks; one, the whole as it is, where all hangs together."""
    tasks = statistics.tasks
    whole = (Block(statistics, graph, balance, tuple(range(len(graph.names))), np.arange(len(tasks.feasible))),)
    parts = _partition(statistics, graph)
    if len(parts) == 1:
        return whole
    found = []
    for names in parts:
        own = TaskGraph([task for task in tasks.tasks if task.name in names], tasks.projections(names))
        position = {vector: i for i, vector in enumerate(own.feasible)}
        labels = np.array([position[tasks.project(vector, names)] for vector in tasks.feasible], dtype=np.int64)
        columns = tuple(i for i, space in enumerate(statistics.spaces) if space.tasks[0] in names)
        spaces = [statistics.spaces[i] for i in columns]
        called = [space.name for space in spaces]
        found.append(
            Block(
                Statistics(statistics.select(columns), statistics.counts, spaces, own),
                DependencyGraph(called, [edge for edge in graph.edges if edge[0] in called]),
                None if balance is None else np.asarray(np.bincount(labels, balance), dtype=np.float64),
                columns,
                labels,
            )
        )
    marginals = [block.balance[block.labels] for block in found if block.balance is not None]
    product = balance is None or np.allclose(reduce(np.multiply, marginals), balance, rtol=PRODUCT, atol=0)
    return tuple(found) if product else whole


def together(blocks: Sequence[Block], estimates: Sequence[Estimate]) -> Estimate:
    """Return the estimates of the blocks as one over the feasible set of all tasks; the only one as it is.

    Where every block has one, the objective is the sum of theirs: a block that has come to rest keeps its last.
    """
    if len(blocks) == 1:
        return estimates[0]
    found = list(zip(blocks, estimates, strict=True))
    units, tables, probabilities, separate, messages = [], [], [], [], []
    by_column: dict[int, tuple[Floats, Floats]] = {}
    for block, estimate in found:
        own, labels = estimate.emissions, block.labels
        units += [Unit(tuple(block.columns[i] for i in u.columns), u.patterns, u.given) for u in own.units]
        tables += [table[:, labels] for table in own.tables]
        probabilities += [table[:, labels] for table in estimate.probabilities]
        separate.append(Separate(len(own.units), own.balance[labels], own.vote_correlation))
        members = [member[:, labels] for member in own.members]
        by_column |= dict(zip(block.columns, zip(members, estimate.precisions, strict=True), strict=True))
        messages += [f"{block.called}: {message}" for message in estimate.messages]
    emissions = Emissions(
        reduce(np.multiply, (part.balance for part in separate)),
        tuple(units),
        tuple(tables),
        tuple(by_column[i][0] for i in range(len(by_column))),
        any(estimate.emissions.use_abstains for _, estimate in found),
        separate=tuple(separate),
    )
    traces = [estimate.trace for block, estimate in found if block.columns]
    longest = max(len(trace) for trace in traces) if all(traces) else 0
    return Estimate(
        emissions,
        tuple(by_column[i][1] for i in range(len(by_column))),
        all(estimate.converged for _, estimate in found),
        max(estimate.iterations for _, estimate in found),
        tuple(sum(trace[min(i, len(trace) - 1)] for trace in traces) for i in range(longest)),
        tuple(messages),
        tuple(probabilities) if len(probabilities) == len(units) else (),
    )


def unvoted(block: Block) -> Estimate:
    """Return the estimate of a block without sources: its balance as given, or even."""
    r = len(block.statistics.tasks.feasible)
    balance = np.full(r, 1 / r) if block.balance is None else block.balance
    return Estimate(Emissions(balance, (), (), (), use_abstains=False), (), converged=True, iterations=0)


def _partition(statistics: Statistics, graph: DependencyGraph) -> list[tuple[str, ...]]:
    """Return the blocks' tasks, in order. A smallest set of parts that F is no product over lies within one block."""
    tasks = statistics.tasks
    place = {name: i for i, name in enumerate(tasks.names)}
    tied = nx.Graph()
    tied.add_nodes_from(tasks.names)
    covered = {space.name: space.tasks for space in statistics.spaces}
    for space in statistics.spaces:
        nx.add_path(tied, space.tasks)
    tied.add_edges_from((covered[a][0], covered[b][0]) for a, b in graph.edges)
    tied.add_edges_from((t.name, t.parent[0]) for t in tasks.tasks if t.parent and t.parent[0] in place)
    entries = list(zip(*tasks.feasible, strict=True))

    def size(names: Sequence[str]) -> int:
        return len(set(zip(*(entries[place[name]] for name in names), strict=True)))

    count = 2
    while True:
        # Components come in the order of their first nodes.
        parts = [tuple(sorted(part, key=place.__getitem__)) for part in nx.connected_components(tied)]
        if count > len(parts) or math.prod(map(size, parts)) == len(tasks.feasible):
            return parts
        joined = False
        for union in combinations(parts, count):
            if size(list(chain(*union))) < math.prod(map(size, union)):
                nx.add_path(tied, [part[0] for part in union])
                joined = True
        count = 2 if joined else count + 1
