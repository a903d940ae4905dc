"""Dependencies between sources: the graph G_source, its groups and its junction tree (section 4 of the paper).

Sources joined by an edge are dependent given Y. *Groups* are the connected components: sources of
different groups are conditionally independent, which is all that the moment estimators need; inside a
group the *cliques* of a triangulation carry the joint distribution.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
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
            if isinstance(edge, str) or len(edge) != 2:
                raise ValueError(f"a dependency is a pair of source names; got {edge!r}")
            first, second = edge
            for name in (first, second):
                if name not in position:
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
        """The edges of a chordal completion of the graph (its own edges and the fill-in), sorted."""
        chordal, _ = nx.complete_to_chordal_graph(self.graph)
        position = {name: i for i, name in enumerate(self.names)}
        pairs = [self.ordered(edge) for edge in chordal.edges]
        return tuple(sorted(((a, b) for a, b in pairs), key=lambda edge: (position[edge[0]], position[edge[1]])))

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
            (self.ordered(clique) for clique in nx.find_cliques(chordal)),
            key=lambda clique: [position[name] for name in clique],
        )
        meeting = nx.Graph()
        meeting.add_nodes_from(range(len(cliques)))
        for i, first in enumerate(cliques):
            for j in range(i + 1, len(cliques)):
                shared = len(set(first) & set(cliques[j]))
                if shared:
                    meeting.add_edge(i, j, weight=shared)
        tree = nx.maximum_spanning_tree(meeting, weight="weight")
        edges = sorted((min(edge), max(edge)) for edge in tree.edges)
        return JunctionTree(tuple(cliques), tuple(edges))
