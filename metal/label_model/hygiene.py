"""Columns that cannot be judged by their votes: said to the reader, not dropped in silence."""

from __future__ import annotations

from typing import Any

import numpy as np

from metal.label_matrix import offsets_of
from metal.statistics import Statistics


def doubtful_sources(statistics: Statistics) -> list[str]:
    """Name sources that never vote, always vote one value, or vote exactly like another."""
    messages = []
    occurring = statistics.counts > 0
    # Sources that vote alike have the same sums of whatever numbers the rows are given.
    numbers = np.where(occurring, np.random.default_rng(0).integers(1, 2**30, size=len(statistics)), 0)
    sums = np.split(statistics.indicators.column_sums(numbers), offsets_of(statistics.spaces)[1:-1])
    alike: dict[tuple[Any, ...], list[int]] = {}
    for i, (space, total) in enumerate(zip(statistics.spaces, statistics.totals, strict=True)):
        if total[1:].sum() <= 0:
            messages.append(f"source {space.name!r} never votes: its accuracy is assumed, not estimated")
            continue
        if total.max() == total.sum():
            messages.append(
                f"source {space.name!r} always votes {'&'.join(space.labels[int(total.argmax()) - 1])}: "
                "that tells nothing"
            )
        others = alike.setdefault((space.tasks, space.labels, sums[i].tobytes()), [])
        for other in others:
            both = statistics.select([other, i])[occurring]
            if np.array_equal(both[:, 0], both[:, 1]):
                messages.append(
                    f"sources {statistics.names[other]!r} and {space.name!r} vote alike on every row: "
                    "drop one, or declare the dependency"
                )
                break
        else:
            others.append(i)
    active = sum(1 for total in statistics.totals if total[1:].sum() > 0)
    if active < 3:
        messages.append(
            f"only {active} source(s) vote: that does not determine accuracies, which rest on what is assumed; "
            "three independent sources are needed"
        )
    return messages
