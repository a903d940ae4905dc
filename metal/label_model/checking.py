"""The identifiability check on votes: their structure, and whether they are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from metal.dependencies import DependencyGraph
from metal.identifiability import IdentifiabilityReport, check_identifiability, weak_sources
from metal.label_matrix import ABSTAIN, LabelSpace
from metal.label_model.blocks import Block
from metal.label_model.emissions import Floats
from metal.label_model.moments import NotIdentifiableError
from metal.label_model.one_sided import OneSided
from metal.label_model.spectral import spectral_balance
from metal.statistics import Statistics
from metal.tasks import TaskGraph


def check_blocks(
    blocks: Sequence[Block], *, evidence: str, parameterisation: str, spectral: bool
) -> IdentifiabilityReport:
    """Check each block of tasks by itself (`check_votes`); one on which no source votes only gets a note."""
    reports = []
    for block in [block for block in blocks if block.voted] or blocks:
        report = check_votes(
            block.statistics,
            block.graph.edges,
            evidence=evidence,
            parameterisation=parameterisation,
            class_balance=block.balance,
            spectral=spectral,
        )
        reports.append(report if len(blocks) == 1 else report.prefixed(block.called))
    report = IdentifiabilityReport.joined(reports)
    silent = (f"{b.called}: {note}" for b in blocks if not b.voted for note in _untold(b.statistics.tasks, []))
    return replace(report, notes=(*report.notes, *silent))


def check_votes(
    statistics: Statistics,
    dependencies: Sequence[Sequence[str]],
    *,
    evidence: str,
    parameterisation: str,
    class_balance: Floats | None,
    spectral: bool,
) -> IdentifiabilityReport:
    """Check what the votes' structure determines, and name in `weak` what these votes are too few for.

    spectral : whether a balance that is not given has to come from the votes' moments, before any accuracy does

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
    graph = DependencyGraph(statistics.names, dependencies)  # names the unknown before the dead are left out
    edges = [edge for edge in graph.edges if not set(edge) & set(dead)]
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
    one_sided = OneSided.of(statistics)
    weak = set(weak_sources(statistics, dependencies)) - set(report.undetermined) - set(dead)
    notes = [*report.notes, *_untold(statistics.tasks, spaces)]
    if one_sided:
        notes.append(f"{one_sided}: only silence tells of the other side, and little of how large it is")
    report = replace(
        report,
        weak=tuple(name for name in statistics.names if name in weak),
        notes=tuple(notes),
    )
    if spectral and class_balance is None:
        try:
            spectral_balance(statistics, graph.columns)
        except NotIdentifiableError as error:
            remedy = "add sources, until three groups that are independent each tell all label vectors apart"
            return replace(
                report, identifiable=False, findings=(*report.findings, str(error)), remedies=(*report.remedies, remedy)
            )
    return report


def _untold(tasks: TaskGraph, spaces: Sequence[LabelSpace]) -> list[str]:
    """Name the feasible vectors that no vote tells from another, and those that no vote is for."""
    events = np.concatenate([np.zeros((0, len(tasks.feasible)), dtype=bool), *(s.events(tasks) for s in spaces)])
    alike: dict[bytes, list[str]] = {}
    for name, told in zip(tasks.vector_names, events.T, strict=True):
        alike.setdefault(told.tobytes(), []).append(name)
    notes = [
        f"no vote tells {names} apart: how their rows are shared out among them is assumed, not estimated"
        for names in alike.values()
        if len(names) > 1
    ]
    silent = [name for name, told in zip(tasks.vector_names, events.T, strict=True) if not told.any()]
    if silent and spaces:
        notes.append(f"no vote is ever for {silent}: only the errors and the silence of the other votes tell of them")
    return notes
