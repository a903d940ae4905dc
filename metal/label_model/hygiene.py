"""Columns that cannot be judged by their votes: said to the reader, not dropped in silence."""

from __future__ import annotations

from typing import Any

from metal.statistics import Statistics


def doubtful_sources(statistics: Statistics) -> list[str]:
    """Name sources that never vote, always vote one value, or vote exactly like another."""
    messages = []
    occurring = statistics.rows[statistics.counts > 0]
    first: dict[tuple[Any, ...], str] = {}
    for i, (space, total) in enumerate(zip(statistics.spaces, statistics.totals, strict=True)):
        if total[1:].sum() <= 0:
            messages.append(f"source {space.name!r} never votes: its accuracy is the prior's")
            continue
        if total.max() == total.sum():
            messages.append(
                f"source {space.name!r} always votes {'&'.join(space.labels[int(total.argmax()) - 1])}: "
                "that tells nothing"
            )
        key = (space.tasks, space.labels, occurring[:, i].tobytes())
        if key in first:
            messages.append(
                f"sources {first[key]!r} and {space.name!r} vote alike on every row: "
                "drop one, or declare the dependency"
            )
        first.setdefault(key, space.name)
    active = sum(1 for total in statistics.totals if total[1:].sum() > 0)
    if active < 3:
        messages.append(
            f"only {active} source(s) vote: accuracies rest on the prior, three independent sources are needed"
        )
    return messages
