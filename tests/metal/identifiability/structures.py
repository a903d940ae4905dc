"""Task graphs, sources and dependencies that the tests of identifiability share."""

from __future__ import annotations

from itertools import combinations

from metal.label_matrix import LabelSpace
from metal.tasks import Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
THREE = TaskGraph.single("colour", ("red", "green", "blue"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
PRODUCT = TaskGraph.independent(Task("a", ("0", "1")), Task("b", ("0", "1")))

Edges = list[tuple[str, str]]


def spaces(tasks: TaskGraph, *counts: tuple[str, int]) -> list[LabelSpace]:
    """Return sources that vote on "task" or "task,task", named after it and numbered."""
    return [
        LabelSpace.checked(
            f"{covered.split(',')[0]}_{i}", covered.split(","), tasks.projections(covered.split(",")), tasks
        )
        for covered, count in counts
        for i in range(count)
    ]


def edges(*pairs: tuple[int, int]) -> Edges:
    return [(f"spam_{i}", f"spam_{j}") for i, j in pairs]


def clique(*members: int) -> Edges:
    return edges(*combinations(members, 2))
