"""The check by generic rank, of moments or of the likelihood, for any number of sources.

Groups of one kind (the same label spaces in the same places, and the same dependencies) are exchangeable: what some of
them determine of each, all of them do. So the rank is taken on representatives, as many of each kind as are cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.identifiability.likelihood_rank import LIMIT, likelihood_rank
from metal.identifiability.rank import generic_rank
from metal.identifiability.repair import repair
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph

VOTES = 40
"""Kinds of votes up to which the rank of the moments is cheap (milliseconds)."""
PARAMETERS = 160
"""Parameters up to which the rank of the likelihood is taken on all sources rather than on representatives."""
MOST = (1, 2, 3, 4, 5, 8)
"""How many groups of a kind to try: until they determine all, or more are not cheap."""

Rank = tuple[int, int, tuple[str, ...]]


@dataclass(frozen=True)
class RankVerdict:
    """What the rank says.

    rank, parameters : of the representatives
    undetermined : names of all sources that are like an undetermined representative
    representatives : how many sources the rank was taken on
    """

    rank: int
    parameters: int
    undetermined: tuple[str, ...]
    representatives: int
    findings: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()


def rank_verdict(
    tasks: TaskGraph,
    spaces: Sequence[LabelSpace],
    dependencies: Sequence[Sequence[str]],
    *,
    evidence: str,
    parameterisation: str,
    class_balance: npt.ArrayLike | None,
    balance_known: bool,
    always_votes: Sequence[str],
) -> RankVerdict | None:
    """Decide by the rank of the moments of order three, or of the likelihood; None where that is not cheap.

    evidence : "moments" between groups, or "likelihood"
    """

    def rank(chosen: Sequence[LabelSpace], edges: Sequence[Sequence[str]], limit: int = LIMIT) -> Rank | None:
        names = {space.name for space in chosen}
        always = [name for name in always_votes if name in names]
        if evidence == "likelihood":
            return likelihood_rank(
                tasks,
                chosen,
                edges,
                parameterisation=parameterisation,
                class_balance=class_balance,
                balance_known=balance_known,
                always_votes=always,
                limit=limit,
            )
        if sum(len(space.labels) for space in chosen) > VOTES:
            return None
        return generic_rank(
            tasks,
            chosen,
            edges,
            parameterisation=parameterisation,
            class_balance=class_balance,
            balance_known=balance_known,
            order=3,
            always_votes=always,
        )

    graph = DependencyGraph([space.name for space in spaces], dependencies)
    kinds = _kinds(spaces, graph, set(always_votes))
    found = rank(spaces, graph.edges, PARAMETERS)
    taken, chosen, edges = len(spaces), list(spaces), list(graph.edges)
    for most in MOST if found is None else ():
        kept = {name for groups in kinds for group in groups[:most] for name in group}
        of_kept = [space for space in spaces if space.name in kept]
        edges_kept = [edge for edge in graph.edges if edge[0] in kept]
        further = rank(of_kept, edges_kept)
        if further is None:
            # More sources might determine what fewer do not.
            found = None
            break
        found, taken, chosen, edges = further, most, of_kept, edges_kept
        if found[0] == found[1] or len(chosen) == len(spaces):
            break
    if found is None:
        return None
    reached, parameters, loose = found
    if reached == parameters:
        return RankVerdict(reached, parameters, (), len(chosen))
    open_ = {
        group[place]
        for groups in kinds
        for place in range(len(groups[0]))
        if any(other[place] in loose for other in groups[:taken])
        for group in groups
    }
    # Directions of the balance alone leave every source determined.
    undetermined = graph.ordered(open_)
    about = "the likelihood" if evidence == "likelihood" else "the moments"
    finding = (
        f"{about} moves in {reached} of {parameters} directions of the parameters (the others change no vote's "
        f"distribution): {list(undetermined) if undetermined else 'the class balance'} can change unseen"
    )
    remedies: tuple[str, ...] = ("give the class balance",)
    if undetermined:
        remedies = (repair(graph, undetermined, added=_enough(tasks, chosen, edges, undetermined, rank)),)
    return RankVerdict(reached, parameters, undetermined, len(chosen), (finding,), remedies)


def _kinds(spaces: Sequence[LabelSpace], graph: DependencyGraph, always_votes: set[str]) -> list[list[tuple[str, ...]]]:
    """Return the groups by kind: what their sources vote, by place, and which places depend on each other."""
    of_name = {space.name: space for space in spaces}
    edges: dict[str, list[tuple[str, str]]] = {}
    for first, second in graph.edges:
        edges.setdefault(first, []).append((first, second))
    kinds: dict[object, list[tuple[str, ...]]] = {}
    for group in graph.groups:
        place = {name: i for i, name in enumerate(group)}
        signature = tuple((of_name[name].tasks, of_name[name].labels, name in always_votes) for name in group)
        joined = tuple((place[a], place[b]) for name in group for a, b in edges.get(name, []))
        kinds.setdefault((signature, joined), []).append(group)
    return list(kinds.values())


def _enough(
    tasks: TaskGraph,
    spaces: Sequence[LabelSpace],
    edges: Sequence[Sequence[str]],
    undetermined: tuple[str, ...],
    rank: Callable[[Sequence[LabelSpace], Sequence[Sequence[str]]], Rank | None],
) -> int | None:
    """Return how many sources, voting on all that the undetermined ones vote on, determine these: 1, 2, or None."""
    of_name = {space.name: space for space in spaces}
    covered = [name for name in tasks.names if any(name in of_name[s].tasks for s in undetermined if s in of_name)]
    more = list(spaces)
    for count in (1, 2):
        more.append(LabelSpace(f"added source {count}", tuple(covered), tasks.projections(covered)))
        found = rank(more, edges)
        if found is not None and not set(found[2]) & {space.name for space in more}:
            return count
    return None
