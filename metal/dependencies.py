"""Dependencies between sources: the graph G_source, its groups and its junction tree (section 4 of the paper).

Sources joined by an edge are dependent given Y. *Groups* are the connected components: sources of
different groups are conditionally independent, which is all that the moment estimators need. Inside a group the
joint distribution factorises over the cliques C of a triangulation and the separators S of its junction tree,

    P(votes of the group | Y) = prod_C P(C | Y) / prod_S P(S | Y) = prod_C P(C - S_C | S_C, Y),

with S_C what a clique shares with its parent in the rooted tree, nothing for the root.

Source: Lauritzen, "Graphical Models", 1996, section 2.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import networkx as nx


@dataclass(frozen=True)
class JunctionTree:
    """Maximal cliques of a chordal graph and the tree edges between them.

    cliques : tuples of source names, each in source order
    edges : (i, j) positions in `cliques`; the separator of an edge is the intersection of its ends
    """

    cliques: tuple[tuple[str, ...], ...]
    edges: tuple[tuple[int, int], ...]

    def separator(self, edge: tuple[int, int]) -> tuple[str, ...]:
        """Return the names that both ends of an edge hold, in source order."""
        first, second = self.cliques[edge[0]], self.cliques[edge[1]]
        return tuple(name for name in first if name in second)


@dataclass(frozen=True)
class Factor:
    """One factor P(C - S | S, Y) of a group's joint distribution, as column positions.

    columns : the clique C, its separator S first
    given : the size of S; 0 for the root of a group
    group : all columns of the group
    """

    columns: tuple[int, ...]
    given: int
    group: tuple[int, ...]


class DependencyGraph:
    """An undirected graph over source names.

    Parameters
    ----------
    names : the source names, in column order
    edges : pairs of names; a pair given twice counts once

    Raises ValueError for doubled names, an unknown name in an edge, an edge that is not a pair, and a self-loop.
    """

    def __init__(self, names: Sequence[str], edges: Iterable[Sequence[str]] = ()) -> None:
        self.names = tuple(names)
        position = {name: i for i, name in enumerate(self.names)}
        if len(position) != len(self.names):
            doubled = sorted({name for name in self.names if self.names.count(name) > 1})
            raise ValueError(f"source names must differ; doubled: {doubled}")
        found: set[tuple[str, str]] = set()
        for edge in edges:
            if isinstance(edge, str) or not isinstance(edge, Collection) or len(edge) != 2:
                raise ValueError(f"a dependency is a pair of source names; got {edge!r}")
            first, second = edge
            for name in (first, second):
                if not isinstance(name, Hashable) or name not in position:
                    raise ValueError(
                        f"dependency ({first!r}, {second!r}) names unknown source {name!r}; "
                        f"the sources are {list(self.names)}"
                    )
            if first == second:
                raise ValueError(
                    f"source {first!r} cannot depend on itself; drop the dependency ({first!r}, {second!r})"
                )
            found.add((first, second) if position[first] < position[second] else (second, first))
        self.edges = tuple(sorted(found, key=lambda edge: (position[edge[0]], position[edge[1]])))

    def __repr__(self) -> str:
        return f"DependencyGraph({len(self.names)} sources, {len(self.edges)} edges, {len(self.groups)} groups)"

    @cached_property
    def graph(self) -> Any:
        """The networkx Graph: nodes in column order, edges sorted, so that every walk over it is repeatable."""
        graph = nx.Graph()
        graph.add_nodes_from(self.names)
        graph.add_edges_from(self.edges)
        return graph

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the given names in column order."""
        wanted = set(names)
        return tuple(name for name in self.names if name in wanted)

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The connected components, ordered by their first member; members in column order."""
        components = [self.ordered(component) for component in nx.connected_components(self.graph)]
        return tuple(sorted(components, key=lambda group: self.names.index(group[0])))

    @cached_property
    def columns(self) -> tuple[tuple[int, ...], ...]:
        """The groups as tuples of column positions."""
        position = {name: i for i, name in enumerate(self.names)}
        return tuple(tuple(position[name] for name in group) for group in self.groups)

    @cached_property
    def triangulation(self) -> tuple[tuple[str, str], ...]:
        """The edges of a chordal completion of the graph (its own edges and the fill-in), sorted.

        By elimination of the source that adds the fewest edges, ties in column order; none where it is chordal already.
        Source: Rose, "Triangulated Graphs and the Elimination Process", J. Math. Anal. Appl. 32, 1970.
        """
        position = {name: i for i, name in enumerate(self.names)}
        near: dict[str, set[str]] = {name: set() for edge in self.edges for name in edge}
        for first, second in self.edges:
            near[first].add(second)
            near[second].add(first)

        def lacking(name: str) -> list[tuple[str, str]]:
            return [
                (a, b) for a, b in combinations(sorted(near[name], key=position.__getitem__), 2) if b not in near[a]
            ]

        found = set(self.edges)
        fill = {name: len(lacking(name)) for name in near}
        while fill:
            name = min(fill, key=lambda name: (fill[name], position[name]))
            new = lacking(name)
            found |= set(new)
            for first, second in new:
                near[first].add(second)
                near[second].add(first)
            beside = near.pop(name)
            del fill[name]
            for other in beside:
                near[other].discard(name)
            for changed in beside.union(*(near[other] for other in beside)):
                fill[changed] = len(lacking(changed))
        return tuple(sorted(found, key=lambda edge: (position[edge[0]], position[edge[1]])))

    @cached_property
    def junction_tree(self) -> JunctionTree:
        """The junction tree (forest) of the triangulation.

        A spanning tree over the clique intersections is a junction tree exactly if its weight, the sum
        of the separator sizes, is *maximum*; the minimum one breaks the running intersection property.
        Source: Jensen and Jensen, "Optimal junction trees", UAI 1994.
        """
        chordal = nx.Graph()
        chordal.add_nodes_from(self.names)
        chordal.add_edges_from(self.triangulation)
        position = {name: i for i, name in enumerate(self.names)}
        cliques = sorted(
            (tuple(sorted(clique, key=position.__getitem__)) for clique in nx.find_cliques(chordal)),
            key=lambda clique: [position[name] for name in clique],
        )
        holders: dict[str, list[int]] = {}
        for i, clique in enumerate(cliques):
            for name in clique:
                holders.setdefault(name, []).append(i)
        shared = Counter(pair for held in holders.values() for pair in combinations(held, 2))
        meeting = nx.Graph()
        meeting.add_nodes_from(range(len(cliques)))
        meeting.add_weighted_edges_from((i, j, weight) for (i, j), weight in sorted(shared.items()))
        tree = nx.maximum_spanning_tree(meeting, weight="weight")
        edges = sorted((min(edge), max(edge)) for edge in tree.edges)
        return JunctionTree(tuple(cliques), tuple(edges))

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of all groups, ordered by group, parents before their children.

        The root of a group is its first clique. A group that is a clique is one factor without separator.
        """
        if not self.edges:
            return tuple(Factor((i,), 0, (i,)) for i in range(len(self.names)))
        position = {name: i for i, name in enumerate(self.names)}
        group_of = {column: columns for columns in self.columns for column in columns}
        tree = self.junction_tree
        cliques = [tuple(position[name] for name in clique) for clique in tree.cliques]
        forest = nx.Graph(tree.edges)
        forest.add_nodes_from(range(len(cliques)))
        factors: list[Factor] = []
        reached: set[int] = set()
        for root in range(len(cliques)):
            if root in reached:
                continue
            group = group_of[cliques[root][0]]
            factors.append(Factor(cliques[root], 0, group))
            reached.add(root)
            for parent, child in nx.bfs_edges(forest, root, sort_neighbors=sorted):
                reached.add(child)
                separator = tuple(column for column in cliques[child] if column in cliques[parent])
                rest = tuple(column for column in cliques[child] if column not in separator)
                factors.append(Factor(separator + rest, len(separator), group))
        return tuple(factors)
