"""Hypothesis strategies: small votes of every kind, however degenerate, and every way to fit them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from metal import LabelMatrix, LabelSpace, Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
GRAPHS = (
    SPAM,
    TaskGraph.single("colour", ("red", "green", "blue", "grey")),
    TaskGraph.single("constant", ("only",)),
    KIND,
    TaskGraph.independent(Task("spam", ("no", "yes")), Task("rude", ("no", "yes"))),
)
ESTIMATORS = ("map", "mle", "wls", "algorithm1")


@dataclass(frozen=True)
class Case:
    """Votes, a dependency graph over their sources, and the other arguments of a label model."""

    votes: LabelMatrix
    edges: tuple[tuple[str, str], ...]
    options: dict[str, Any]


@st.composite
def task_graphs(draw: Any) -> TaskGraph:
    """A named graph, or any set of label vectors over two or three tasks."""
    if draw(st.booleans()):
        found: TaskGraph = draw(st.sampled_from(GRAPHS))
        return found
    tasks = [Task(name, ("a", "b", "c")[: draw(st.integers(1, 3))]) for name in ("one", "two", "three")]
    tasks = tasks[: draw(st.integers(2, 3))]
    possible = list(product(*((*task.labels, "N/A") for task in tasks)))
    feasible = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=5, unique=True))
    return TaskGraph(tasks, feasible)


@st.composite
def label_spaces(draw: Any, name: str, tasks: TaskGraph) -> LabelSpace:
    """Any coverage set, and some or all of the labels on it."""
    covered = draw(st.sampled_from([s for size in (1, 2, 3) for s in combinations(tasks.names, size)]))
    labels = tasks.projections(covered)
    kept = draw(st.sets(st.sampled_from(labels), min_size=1))
    full = draw(st.booleans())
    return LabelSpace.checked(name, covered, [label for label in labels if full or label in kept], tasks)


@st.composite
def label_matrices(draw: Any, tasks: TaskGraph, most_sources: int = 5, most_rows: int = 12) -> LabelMatrix:
    """Columns that vote at random, never, always the same, or as another does."""
    m, n = draw(st.integers(1, most_sources)), draw(st.integers(1, most_rows))
    spaces = [draw(label_spaces(f"source_{i}", tasks)) for i in range(m)]
    codes = np.zeros((n, m), dtype=np.int64)
    for i, space in enumerate(spaces):
        k = len(space.labels)
        manner = draw(st.sampled_from(["random", "random", "random", "never", "constant", "copy", "always"]))
        if manner == "copy" and i:
            codes[:, i] = np.minimum(codes[:, draw(st.integers(0, i - 1))], k)
        elif manner == "constant":
            codes[:, i] = draw(st.integers(1, k))
        elif manner != "never":
            codes[:, i] = draw(st.lists(st.integers(int(manner == "always"), k), min_size=n, max_size=n))
    return LabelMatrix(codes, spaces, tasks)


@st.composite
def cases(draw: Any, estimator: str) -> Case:
    """Any votes, any graph over their sources, any settings of an estimator."""
    tasks = draw(task_graphs())
    votes = draw(label_matrices(tasks))
    pairs = list(combinations(votes.names, 2))
    edges = draw(st.lists(st.sampled_from(pairs), max_size=4, unique=True)) if pairs and draw(st.booleans()) else []
    r = len(tasks.feasible)
    options: dict[str, Any] = {"estimator": estimator, "max_iterations": draw(st.sampled_from([1, 300]))}
    if draw(st.booleans()):
        parts = np.array(draw(st.lists(st.integers(1, 1000), min_size=r, max_size=r)), dtype=np.float64)
        options["class_balance"] = parts / parts.sum()
    options["use_abstains"] = draw(st.sampled_from([None, True, False]))
    if estimator == "map":
        options["shrinkage"] = draw(st.sampled_from([None, 0.0, 0.7, 1.0]))
        options["prior_strength"] = draw(st.sampled_from([0.0, 5.0]))
    if estimator == "mle":
        options["parameterisation"] = draw(st.sampled_from(["tied", "proj", "full"]))
        options["smoothing"] = draw(st.sampled_from([0.0, 0.1]))
    return Case(votes, tuple(edges), options)
