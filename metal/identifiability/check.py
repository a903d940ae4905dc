"""Do the votes determine the accuracies at all? The check of the structure: tasks, label spaces, dependencies.

Before any vote is seen, the feasible set, the coverage sets and G_source decide whether the votes determine the
model. What of the votes is used, the evidence, makes a difference:

"moments"     products of votes of different groups, all that "wls" and "algorithm1" see. Groups, not edges, are what
              counts: within a group everything may be dependent, so a raw look at the edges would call a path of five
              dependent sources determined.
"likelihood"  the distribution of the rows, which "mle" sees: inside a group it factorises over the junction tree, and
              determines more. That path is determined.

and so do the parameters (see `metal.label_model.likelihood`):

"tied"          Nodes are votes (source, label); an edge joins votes of different groups whose events are
                correlated, C[a, b] = P(e_a and e_b) - pi_a pi_b != 0. A connected component is determined, up to one
                sign, exactly if it holds an odd cycle: each edge fixes a product delta_a delta_b, and only an odd
                cycle fixes a single delta. The sign is settled by one source assumed better than chance.
"proj", "full"  The generic rank decides (`metal.identifiability.by_rank`), as it does of "tied" by the likelihood.
                Where that is not cheap, a quick filter: two feasible vectors that some source tells apart must be told
                apart by at least three groups.

Source: Ratner et al., 2019, section 4 and its appendix (M_Omega of full column rank), completed by groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.identifiability.by_rank import rank_verdict
from metal.identifiability.rank import PARAMETERISATIONS
from metal.identifiability.repair import repair
from metal.identifiability.report import IdentifiabilityReport
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]
CORRELATED = 1e-9
"""Covariances of events below this are zero up to rounding."""
EVIDENCE = ("moments", "likelihood")


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
    evidence: str = "moments",
    balance_known: bool = True,
) -> IdentifiabilityReport:
    """Check whether the structure determines the parameters of every source.

    Parameters
    ----------
    dependencies : edges of G_source, pairs of names
    parameterisation : "tied" (the estimators map, wls, algorithm1), "proj" or "full"
    class_balance : (|F|,) decides which events are correlated; None: uniform over F, under which the
        tasks of a product are independent and say nothing of each other
    always_votes : sources that never abstain; one of their values follows from the others and is dropped
    evidence : "moments" between groups (wls, algorithm1) or "likelihood" (mle)
    balance_known : whether P(Y) is given, or among what the ranks ask for. The tied graph takes it as given

    Raises ValueError for unknown names, parameterisations and evidence. Costs milliseconds.
    """
    if parameterisation not in PARAMETERISATIONS:
        raise ValueError(f"parameterisation must be one of {list(PARAMETERISATIONS)}, not {parameterisation!r}")
    if evidence not in EVIDENCE:
        raise ValueError(f"evidence must be one of {list(EVIDENCE)}, not {evidence!r}")
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
    verdict = None
    if evidence == "likelihood" or parameterisation != "tied":
        verdict = rank_verdict(
            tasks,
            spaces,
            graph.edges,
            evidence=evidence,
            parameterisation=parameterisation,
            class_balance=class_balance,
            balance_known=balance_known,
            always_votes=always_votes,
        )
    tied = _tied(mask, group, balance, votes, graph)
    if verdict is None:
        undetermined, components, findings, remedies = (
            tied if parameterisation == "tied" else _contrasts(tasks, spaces, graph)
        )
        if evidence == "likelihood":
            notes.append("too many parameters for the rank of the likelihood: judged by moments between whole groups")
    else:
        undetermined = set(verdict.undetermined)
        findings, remedies = list(verdict.findings), list(verdict.remedies)
        sure = graph.ordered(set(names) - undetermined)
        components = tied[1] if parameterisation == "tied" and not undetermined else (sure,) if sure else ()
        if verdict.representatives < len(names):
            notes.append(f"the rank was taken on {verdict.representatives} of the sources, some of each kind of group")
    if evidence == "likelihood":
        by_moments = list(graph.ordered(tied[0]))
        notes.append(
            "moments between groups (wls, algorithm1) "
            + (f"do not determine {by_moments}" if by_moments else "determine the accuracies, too")
        )
    if len(components) > 1:
        notes.append(
            f"{len(components)} sign components: each needs a source known to be better than chance, "
            + "; ".join(f"one of {list(component)[:6]}" for component in components)
        )
    return IdentifiabilityReport(
        identifiable=not undetermined and (verdict is None or verdict.rank == verdict.parameters),
        parameterisation=parameterisation,
        evidence=evidence,
        rank=None if verdict is None else (verdict.rank, verdict.parameters),
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

    By breadth-first search: it does exactly if an edge joins nodes of one parity.
    """
    component = np.full(len(edges), -1, dtype=np.int64)
    parity = np.zeros(len(edges), dtype=bool)
    number = 0
    for seed in range(len(edges)):
        if component[seed] >= 0:
            continue
        component[seed], frontier, side = number, np.array([seed]), False
        while len(frontier):
            side = not side
            frontier = np.flatnonzero(edges[frontier].any(axis=0) & (component < 0))
            component[frontier], parity[frontier] = number, side
        number += 1
    odd = np.zeros(number, dtype=bool)
    odd[component[(edges & (parity[:, None] == parity[None, :])).any(axis=1)]] = True
    return component, odd


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
        remedies.append(repair(graph, sources))
    for nodes_alone in isolated.values():
        listed = ", ".join(str(votes[a]) for a in nodes_alone)
        findings.append(f"{listed}: related to no vote of another group, so no accuracy is determined")
        remedies.append(repair(graph, graph.ordered({votes[a].source for a in nodes_alone})))
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
            remedies.append(repair(graph, sources))
    sets = graph.ordered(set(graph.names) - undetermined)
    return undetermined, ((sets,) if sets else ()), findings, remedies
