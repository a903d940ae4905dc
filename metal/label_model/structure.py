"""Suggest dependencies between sources where G_source is unknown. A suggestion: nothing adopts it but its reader.

Two methods, each in a file of its own: "robust_pca" (fast, covariances alone) and "likelihood" (conditional
likelihoods, l1-penalised). Every dependency that is declared costs parameters and conditionally independent groups, so
that too many of them make accuracies undetermined; `StructureSuggestion.explain` says how many groups would be left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metal.dependencies import DependencyGraph
from metal.label_matrix import LabelMatrix
from metal.label_model.emissions import Floats
from metal.label_model.structure_likelihood import likelihood_scores
from metal.label_model.structure_robust_pca import robust_pca_scores
from metal.statistics import Statistics

LEAST_STRENGTH = {"robust_pca": 0.1, "likelihood": 0.3}
"""What a dependency must amount to, however sure it is: a partial correlation, or log odds of agreeing."""
LEVEL = 0.01
"""The chance of any false edge at all that the z of "robust_pca" is held to; the l1 penalty does it for the other."""
LEAST_GROUPS = 3


@dataclass(frozen=True)
class Edge:
    """A pair of sources and the evidence for a dependency; suggested if it passes both limits."""

    first: str
    second: str
    strength: float
    z: float
    suggested: bool


@dataclass(frozen=True)
class StructureSuggestion:
    """The pairs of sources with evidence for a dependency, strongest first.

    edges : every pair of any strength, suggested or not
    groups : the number of groups if every suggested edge were declared
    """

    method: str
    n: float
    edges: tuple[Edge, ...]
    sources: int
    groups: int

    @property
    def dependencies(self) -> tuple[tuple[str, str], ...]:
        """The suggested edges as `LabelModel` takes them, strongest first."""
        return tuple((edge.first, edge.second) for edge in self.edges if edge.suggested)

    def explain(self, shown: int = 20) -> str:
        """Return the suggestion as text, with its evidence and what speaks against taking all of it."""
        count = len(self.dependencies)
        lines = [
            f"{count} dependencies suggested by {self.method} from {self.n:g} rows of {self.sources} sources.",
            *(
                f"  {edge.first} - {edge.second}: strength {edge.strength:.2f}, z {edge.z:.1f}"
                for edge in self.edges[:shown]
                if edge.suggested
            ),
        ]
        if count > shown:
            lines.append(f"  and {count - shown} weaker ones")
        if not count:
            return "\n".join([*lines, "Declare none: every dependency costs accuracy that it does not return."])
        lines.append(
            "Warning: declare those that you can give a reason for (shared words, one rule derived from another), the "
            "strongest first. Each one adds parameters and joins groups, and over-specification costs more than a "
            f"weak dependency missed: all of them would leave {self.groups} independent groups of {self.sources}."
        )
        if self.groups < LEAST_GROUPS:
            lines.append(
                f"Warning: {LEAST_GROUPS} groups are the least that determine any accuracy. Do not declare them all."
            )
        return "\n".join(lines)


def suggest_structure(votes: LabelMatrix | Statistics, *, method: str = "robust_pca") -> StructureSuggestion:
    """Look for dependencies between sources, and return them with their evidence.

    method : "robust_pca" (Varma et al., 2019) or "likelihood" (Bach et al., 2017)

    Sources that always vote one value depend on nothing that votes could show.
    Raises TypeError for votes without a task graph, and ValueError for an unknown method, for no votes, and, by
    "robust_pca", for sources that vote exactly alike.
    """
    if method not in LEAST_STRENGTH:
        raise ValueError(f"unknown method {method!r}; known are {list(LEAST_STRENGTH)}")
    if not isinstance(votes, LabelMatrix | Statistics):
        raise TypeError(
            "votes must be a LabelMatrix, or its Statistics, which know their tasks; "
            f"got {type(votes).__name__}: wrap codes by LabelMatrix.from_array(votes, tasks)"
        )
    statistics = votes if isinstance(votes, Statistics) else Statistics.of(votes)
    if not statistics.counts[statistics.voted].sum() > 0:
        raise ValueError(f"no structure to learn: no source votes on any of the {statistics.n:g} rows")
    if len(statistics.spaces) < 2:
        return _suggestion(method, statistics, np.zeros((1, 1)), np.zeros((1, 1)), 0.0)
    if method == "robust_pca":
        strength, z = robust_pca_scores(statistics)
        least_z = _limit(statistics)
    else:
        strength, z = likelihood_scores(statistics)
        least_z = 0.0
    return _suggestion(method, statistics, strength, z, least_z)


def _limit(statistics: Statistics) -> float:
    from scipy import stats

    kinds = sum(int((total[1:] > 0).sum()) for total in statistics.totals)
    return float(stats.norm.isf(LEVEL / max(kinds * (kinds - 1), 1)))


def _suggestion(
    method: str, statistics: Statistics, strength: Floats, z: Floats, least_z: float
) -> StructureSuggestion:
    names = statistics.names
    edges = [
        Edge(
            names[i],
            names[j],
            float(strength[i, j]),
            float(z[i, j]),
            bool(strength[i, j] >= LEAST_STRENGTH[method] and z[i, j] > least_z),
        )
        for i, j in np.argwhere(np.triu(strength) > 0)
    ]
    edges.sort(key=lambda edge: -edge.strength)
    graph = DependencyGraph(names, [(edge.first, edge.second) for edge in edges if edge.suggested])
    return StructureSuggestion(method, statistics.n, tuple(edges), len(names), len(graph.groups))
