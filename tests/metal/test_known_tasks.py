"""Gold that tells some tasks only: the task graph of these, and how probabilities pass between the two."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metal.known_tasks import KnownTasks
from metal.tasks import Task, TaskGraph

# Three kinds of large animals, one of small ones: F = (bear, horse, whale, cat).
ANIMALS = TaskGraph.hierarchy(
    Task("size", ("large", "small")),
    Task("large_kind", ("bear", "horse", "whale"), parent=("size", "large")),
    Task("small_kind", ("cat",), parent=("size", "small")),
)
LABELS = np.array([[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]])


def test_the_known_tasks_make_a_task_graph() -> None:
    known = KnownTasks(ANIMALS, ("size",))

    assert known.graph == TaskGraph.single("size", ("large", "small"))
    assert not known.complete
    assert known.explain() == "gold labels tell only size, not large_kind, small_kind"
    # Of a child whose parent is unknown, N/A is a value.
    assert KnownTasks(ANIMALS, ("small_kind",)).graph.feasible == (("N/A",), ("cat",))


def test_probabilities_are_summed_and_shared_out() -> None:
    known = KnownTasks(ANIMALS, ("size",))

    assert known.gather(LABELS) == pytest.approx(np.array([[0.6, 0.4], [0.75, 0.25]]))
    assert known.gather(LABELS) == pytest.approx(ANIMALS.marginal(LABELS, "size"))
    # A large animal may be any of three.
    assert known.spread(np.array([[0.6, 0.4]])) == pytest.approx(np.array([[0.2, 0.2, 0.2, 0.4]]))
    assert known.gather(known.spread(known.gather(LABELS))) == pytest.approx(known.gather(LABELS))


def test_where_all_is_known_nothing_changes() -> None:
    known = KnownTasks(ANIMALS, ANIMALS.names)

    assert known.complete
    assert known.graph is ANIMALS
    assert known.gather(LABELS) is LABELS
    assert known.spread(LABELS) is LABELS


def test_a_table_of_gold_tells_the_tasks_whose_columns_are_filled() -> None:
    gold = pd.DataFrame({"id": ["a", "b"], "size": ["large", "small"], "large_kind": None, "small_kind": None})

    assert KnownTasks.of(gold, ANIMALS).names == ("size",)
    assert KnownTasks.of(gold.iloc[:0], ANIMALS).complete


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"size": ["large", None]}, "gold tells task 'size' of some examples, but not of 'b'"),
        ({"size": None}, r"gold must tell at least one of the tasks \['size', 'large_kind', 'small_kind'\]; got \(\)"),
        ({}, r"gold has no column \['size'\]; it has \['id', 'large_kind', 'small_kind'\]"),
    ],
)
def test_gold_that_tells_nothing_or_no_task_throughout_is_named(columns: dict[str, object], message: str) -> None:
    gold = pd.DataFrame({"id": ["a", "b"], "large_kind": None, "small_kind": None} | columns)

    with pytest.raises(ValueError, match=message):
        KnownTasks.of(gold, ANIMALS)
