"""Minimal repairs, said in words: sources to add, or the fewest dependencies to drop."""

from __future__ import annotations

import networkx as nx

from metal.dependencies import DependencyGraph


def repair(graph: DependencyGraph, sources: tuple[str, ...], *, added: int | None = None) -> str:
    """Say what would make three groups of the given sources: the fewest dependencies dropped, or sources added.

    added : how many sources are known to do; None: as many as groups are missing, and one at least
    """
    part = nx.Graph(graph.graph.subgraph(sources))
    # Groups may be joined through sources outside the part; those joins are not undone by cutting inside it.
    missing = 3 - sum(1 for group in graph.groups if set(group) & set(sources))
    dropped: list[tuple[str, ...]] = []
    for _ in range(missing):
        cuts = [nx.minimum_edge_cut(part.subgraph(piece)) for piece in nx.connected_components(part) if len(piece) > 1]
        if not cuts:
            break
        cut = min(cuts, key=lambda edges: (len(edges), sorted(map(sorted, edges))))
        part.remove_edges_from(cut)
        dropped += [graph.ordered(edge) for edge in cut]
    count = max(missing, 1) if added is None else added
    number = "1 source, independent of" if count == 1 else f"{count} sources, independent of each other and of"
    add = f"add {number} {list(sources)}, that vote on the same"
    if not dropped or nx.number_connected_components(part) < 3:
        return add
    return f"{add}; or, if they are not real, drop the dependencies " + ", ".join("-".join(edge) for edge in dropped)
