"""The identifiability check on votes: their structure, and whether they are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metal.dependencies import DependencyGraph
from metal.identifiability import IdentifiabilityReport, check_identifiability, weak_sources
from metal.label_matrix import ABSTAIN, LabelSpace
from metal.label_model.emissions import Floats
from metal.statistics import Statistics


def check_votes(
    statistics: Statistics,
    dependencies: Sequence[Sequence[str]],
    *,
    evidence: str,
    parameterisation: str,
    class_balance: Floats | None,
) -> IdentifiabilityReport:
    """Check what the votes' structure determines, and name in `weak` what these votes are too few for.

    Labels that never occur are left out, and a source that never abstains loses one value.
    Raises ValueError if no source votes, and for unknown names in dependencies.
    """
    spaces, always, dead = [], [], []
    for space, total in zip(statistics.spaces, statistics.totals, strict=True):
        kept = tuple(label for label, count in zip(space.labels, total[1:], strict=True) if count > 0)
        if not kept:
            dead.append(space.name)
            continue
        spaces.append(LabelSpace(space.name, space.tasks, kept))
        if total[ABSTAIN] <= 0:
            always.append(space.name)
    edges = [edge for edge in dependencies if not set(edge) & set(dead)]
    DependencyGraph(statistics.names, dependencies)  # names the unknown before the dead are left out
    if not spaces:
        raise ValueError("no source votes on any row; there is nothing to check")
    report = check_identifiability(
        statistics.tasks,
        spaces,
        edges,
        evidence=evidence,
        parameterisation=parameterisation,
        class_balance=class_balance,
        balance_known=class_balance is not None,
        always_votes=always,
    )
    weak = set(weak_sources(statistics, dependencies)) - set(report.undetermined) - set(dead)
    return replace(report, weak=tuple(name for name in statistics.names if name in weak))
