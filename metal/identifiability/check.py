"""Do the votes determine the accuracies at all? The check of the structure: tasks, label spaces, dependencies.

Before any vote is seen, the feasible set, the coverage sets and G_source decide whether the moments of the
votes determine the model. Two parameterisations (see `metal.label_model.likelihood`):

"tied"  Nodes are votes (source, label); an edge joins votes of different groups whose events are
        correlated, C[a, b] = P(e_a and e_b) - pi_a pi_b != 0. A connected component is determined, up to one
        sign, exactly if it holds an odd cycle: each edge fixes a product delta_a delta_b, and only an odd
        cycle fixes a single delta. The sign is settled by one source assumed better than chance.
"proj"  Two feasible vectors that some source tells apart must be told apart by at least three groups. A
        quick filter; `generic_rank` decides.

Groups, not edges, are what counts: within a group everything may be dependent, so a raw look at the edges
would call a path of five dependent sources determined.

Source: Ratner et al., 2019, section 4 and its appendix (M_Omega of full column rank), completed by groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from metal.dependencies import DependencyGraph
from metal.identifiability.rank import generic_rank
from metal.identifiability.report import IdentifiabilityReport
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]
CORRELATED = 1e-9
"""Covariances of events below this are zero up to rounding."""
RANK_LIMIT = 40
"""Kinds of votes up to which the generic rank is cheap enough (milliseconds) to overrule the quick filter."""


@dataclass(frozen=True)
class Vote:
    """A (source, label) pair: a node of the tied graph."""

    source: str
    column: int
    label: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.source}={'&'.join(self.label)}"


def check_identifiability(
    tasks: TaskGraph,
    spaces: Sequence[LabelSpace],
    dependencies: Sequence[Sequence[str]] = (),
    *,
    parameterisation: str = "tied",
    class_balance: npt.ArrayLike | None = None,
    always_votes: Sequence[str] = (),
) -> IdentifiabilityReport:
    """Check whether the structure determines the parameters of every source.

    Parameters
    ----------
    dependencies : edges of G_source, pairs of names
    parameterisation : "tied" (the estimators map, wls, algorithm1) or "proj"
    class_balance : (|F|,) decides which events are correlated; None: uniform over F, under which the
        tasks of a product are independent and say nothing of each other
    always_votes : sources that never abstain; one of their values follows from the others and is dropped

    Raises ValueError for unknown names and parameterisations. Costs milliseconds.
    """
    if parameterisation not in ("tied", "proj"):
        raise ValueError(f"parameterisation must be 'tied' or 'proj' here, not {parameterisation!r}")
    names = [space.name for space in spaces]
    unknown = sorted(set(always_votes) - set(names))
    if unknown:
        raise ValueError(f"always_votes names unknown sources {unknown}; the sources are {names}")
    graph = DependencyGraph(names, dependencies)
    r = len(tasks.feasible)
    balance = np.full(r, 1 / r) if class_balance is None else np.asarray(class_balance, dtype=np.float64)
    if balance.shape != (r,):
        raise ValueError(f"class_balance must have {r} entries, one a feasible vector; got {balance.shape}")
    notes: list[str] = []
    votes: list[Vote] = []
    events: list[npt.NDArray[np.bool_]] = []
    for column, space in enumerate(spaces):
        masks = space.events(tasks)
        kept = [i for i in range(len(masks)) if not masks[i].all()]
        notes += [
            f"a vote {space.name}={'&'.join(space.labels[i])} holds for every feasible vector and says nothing"
            for i in range(len(masks))
            if masks[i].all()
        ]
        if space.name in always_votes:
            kept = kept[: len(space.labels) - 1]
        votes += [Vote(space.name, column, space.labels[i]) for i in kept]
        events += [masks[i] for i in kept]
        if not kept:
            notes.append(f"source {space.name!r} has no informative vote; it has no parameters to determine")
    mask = np.array(events, dtype=np.float64).reshape(len(votes), r)
    group_of = {column: g for g, columns in enumerate(graph.columns) for column in columns}
    group = np.array([group_of[vote.column] for vote in votes], dtype=np.int64)
    if parameterisation == "tied":
        found = _tied(mask, group, balance, votes, graph)
    else:
        found = _contrasts(tasks, spaces, graph)
        if found[0] and len(votes) <= RANK_LIMIT:
            # The filter asks too much where dependent tasks inform each other; the rank knows.
            _, _, loose = generic_rank(tasks, spaces, dependencies, parameterisation="proj", class_balance=balance)
            if not loose:
                found = (set(), (graph.names,), [], [])
    undetermined, components, findings, remedies = found
    if len(components) > 1:
        notes.append(
            f"{len(components)} sign components: each needs a source known to be better than chance, "
            + "; ".join(f"one of {list(component)[:6]}" for component in components)
        )
    return IdentifiabilityReport(
        identifiable=not undetermined,
        parameterisation=parameterisation,
        groups=graph.groups,
        undetermined=graph.ordered(undetermined),
        components=components,
        findings=tuple(findings),
        remedies=tuple(remedies),
        notes=tuple(notes),
        counts={"sources": len(names), "votes": len(votes), "dependencies": len(graph.edges)},
    )


def odd_components(edges: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the component of each node, and for each component whether it holds an odd cycle.

    By the bipartite double cover: a component has an odd cycle exactly if its two copies are joined.
    """
    count = len(edges)
    graph = sparse.csr_array(edges)
    number, component = csgraph.connected_components(graph, directed=False)
    _, cover = csgraph.connected_components(sparse.block_array([[None, graph], [graph, None]]), directed=False)
    odd = np.zeros(number, dtype=bool)
    odd[component] = cover[:count] == cover[count:]
    return component.astype(np.int64), odd


Found = tuple[set[str], tuple[tuple[str, ...], ...], list[str], list[str]]


def _tied(
    mask: Floats, group: npt.NDArray[np.int64], balance: Floats, votes: list[Vote], graph: DependencyGraph
) -> Found:
    """Find the components of the tied graph without an odd cycle."""
    if not votes:
        everyone = set(graph.names)
        return (
            everyone,
            (),
            ["no source has an informative vote"],
            ["add sources that vote on part of the feasible set"],
        )
    pi = mask @ balance
    covariance = (mask * balance) @ mask.T - np.outer(pi, pi)
    component, odd = odd_components((np.abs(covariance) > CORRELATED) & (group[:, None] != group[None, :]))
    undetermined: set[str] = set()
    components: list[tuple[str, ...]] = []
    findings: list[str] = []
    remedies: list[str] = []
    isolated: dict[int, list[int]] = {}
    for c in range(int(component.max()) + 1):
        nodes = np.flatnonzero(component == c)
        sources = graph.ordered({votes[a].source for a in nodes})
        if odd[c]:
            components.append(sources)
            continue
        undetermined |= set(sources)
        if len(nodes) == 1:
            isolated.setdefault(int(group[nodes[0]]), []).append(int(nodes[0]))
            continue
        listed = ", ".join(str(votes[a]) for a in nodes)
        findings.append(
            f"{listed}: only two sides vote on this, so products of their accuracies are determined, no single one"
        )
        remedies.append(_repair(graph, sources))
    for nodes_alone in isolated.values():
        listed = ", ".join(str(votes[a]) for a in nodes_alone)
        findings.append(f"{listed}: related to no vote of another group, so no accuracy is determined")
        remedies.append(_repair(graph, graph.ordered({votes[a].source for a in nodes_alone})))
    return undetermined, tuple(components), findings, remedies


def _contrasts(tasks: TaskGraph, spaces: Sequence[LabelSpace], graph: DependencyGraph) -> Found:
    """Find pairs of feasible vectors that some but fewer than three groups tell apart."""
    cells = np.stack(
        [[tasks.projections(s.tasks).index(tasks.project(y, s.tasks)) for y in tasks.feasible] for s in spaces]
    )
    differs = cells[:, :, None] != cells[:, None, :]  # (m, r, r)
    by_group = np.stack([differs[list(columns)].any(axis=0) for columns in graph.columns])
    enough = by_group.sum(axis=0)
    undetermined: set[str] = set()
    findings: list[str] = []
    remedies: list[str] = []
    asked: set[tuple[str, ...]] = set()
    for i in range(len(tasks.feasible)):
        for j in range(i + 1, len(tasks.feasible)):
            if not 0 < enough[i, j] < 3:
                continue
            sources = graph.ordered(graph.names[s] for s in np.flatnonzero(differs[:, i, j]))
            undetermined |= set(sources)
            if sources in asked:
                continue
            asked.add(sources)
            pair = f"{tasks.name_of(tasks.feasible[i])} and {tasks.name_of(tasks.feasible[j])}"
            findings.append(
                f"only {enough[i, j]} independent group(s) tell {pair} apart, three are needed: {list(sources)}"
            )
            remedies.append(_repair(graph, sources))
    sets = graph.ordered(set(graph.names) - undetermined)
    return undetermined, ((sets,) if sets else ()), findings, remedies


def _repair(graph: DependencyGraph, sources: tuple[str, ...]) -> str:
    """Say what would make three groups of the given sources: the fewest dependencies dropped, or sources added."""
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
    number = "1 source, independent of" if missing <= 1 else f"{missing} sources, independent of each other and of"
    add = f"add {number} {list(sources)}, that vote on the same"
    if not dropped or nx.number_connected_components(part) < 3:
        return add
    return f"{add}; or, if they are not real, drop the dependencies " + ", ".join("-".join(edge) for edge in dropped)
