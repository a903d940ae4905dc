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
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from metal.dependencies import DependencyGraph
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


@dataclass(frozen=True)
class IdentifiabilityReport:
    """The outcome of the check.

    identifiable : whether every source's parameters are determined
    undetermined : names of the sources whose parameters are not
    components : the sources of each sign component; each needs one source better than chance, its anchor
    findings : what was found, in words with names
    remedies : what would mend it
    notes : what the reader should know though it does not stop anything
    """

    identifiable: bool
    parameterisation: str
    groups: tuple[tuple[str, ...], ...]
    undetermined: tuple[str, ...]
    components: tuple[tuple[str, ...], ...]
    findings: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    def explain(self) -> str:
        """Return the report as text."""
        verdict = "The accuracies are determined" if self.identifiable else "The accuracies are NOT determined"
        lines = [
            f"{verdict} ({self.parameterisation} parameterisation): {self.counts.get('sources', 0)} sources, "
            f"{self.counts.get('votes', 0)} kinds of votes, {len(self.groups)} groups, "
            f"{len(self.components)} sign component{'' if len(self.components) == 1 else 's'}."
        ]
        for title, entries in (("Found", self.findings), ("Remedy", self.remedies), ("Note", self.notes)):
            lines += [f"{title}: {entry}" for entry in entries]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "identifiable": self.identifiable,
            "parameterisation": self.parameterisation,
            "groups": [list(group) for group in self.groups],
            "undetermined": list(self.undetermined),
            "components": [list(component) for component in self.components],
            "findings": list(self.findings),
            "remedies": list(self.remedies),
            "notes": list(self.notes),
            "counts": dict(self.counts),
        }


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


Found = tuple[set[str], tuple[tuple[str, ...], ...], list[str], list[str]]


def _tied(
    mask: Floats, group: npt.NDArray[np.int64], balance: Floats, votes: list[Vote], graph: DependencyGraph
) -> Found:
    """Find the components of the tied graph without an odd cycle.

    Parity by the bipartite double cover: a component has an odd cycle exactly if its two copies are joined.
    """
    count = len(votes)
    if not count:
        everyone = set(graph.names)
        return (
            everyone,
            (),
            ["no source has an informative vote"],
            ["add sources that vote on part of the feasible set"],
        )
    pi = mask @ balance
    covariance = (mask * balance) @ mask.T - np.outer(pi, pi)
    edges = sparse.csr_array((np.abs(covariance) > CORRELATED) & (group[:, None] != group[None, :]))
    _, component = csgraph.connected_components(edges, directed=False)
    _, cover = csgraph.connected_components(sparse.block_array([[None, edges], [edges, None]]), directed=False)
    undetermined: set[str] = set()
    components: list[tuple[str, ...]] = []
    findings: list[str] = []
    remedies: list[str] = []
    isolated: dict[int, list[int]] = {}
    for c in range(int(component.max()) + 1):
        nodes = np.flatnonzero(component == c)
        sources = graph.ordered({votes[a].source for a in nodes})
        if cover[nodes[0]] == cover[nodes[0] + count]:
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
