from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.tasks import NOT_APPLICABLE, Task, TaskGraph

# Ratner et al., 2019, figure 2: a coarse task, and a fine one below each of its labels.
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)


def test_hierarchy_has_the_paper_s_four_vectors() -> None:
    assert KIND.feasible == (
        ("person", "doctor", "N/A"),
        ("person", "lawyer", "N/A"),
        ("organization", "N/A", "hospital"),
        ("organization", "N/A", "office"),
    )


def test_hierarchy_of_three_levels() -> None:
    graph = TaskGraph.hierarchy(
        Task("a", ("x", "y")), Task("b", ("p", "q"), parent=("a", "x")), Task("c", ("u", "v"), parent=("b", "q"))
    )

    # y; x and p; x and q with u or v.
    assert graph.feasible == (("x", "p", "N/A"), ("x", "q", "u"), ("x", "q", "v"), ("y", "N/A", "N/A"))


def test_independent_tasks_have_all_combinations() -> None:
    graph = TaskGraph.independent(Task("a", ("0", "1")), Task("b", ("0", "1", "2")))

    assert graph.feasible == (("0", "0"), ("0", "1"), ("0", "2"), ("1", "0"), ("1", "1"), ("1", "2"))


def test_explicit_feasible_set_keeps_its_order() -> None:
    graph = TaskGraph([Task("a", ("0", "1")), Task("b", ("0", "1"))], [("1", "1"), ("0", "0")])

    assert graph.feasible == (("1", "1"), ("0", "0"))
    assert graph.index(("0", "0")) == 1


def test_event_of_a_coarse_label_is_a_set() -> None:
    assert KIND.event(["kind"], ["person"]).tolist() == [True, True, False, False]
    assert KIND.event(["person"], [NOT_APPLICABLE]).tolist() == [False, False, True, True]
    assert KIND.event(["kind", "organization"], ["organization", "office"]).tolist() == [False, False, False, True]


def test_projections_and_values() -> None:
    assert KIND.projections(["person"]) == (("doctor",), ("lawyer",), ("N/A",))
    assert KIND.values("kind") == ("person", "organization")
    assert KIND.values("person") == ("doctor", "lawyer", "N/A")
    assert KIND.task_codes("organization").tolist() == [2, 2, 0, 1]


def test_marginal_sums_over_the_vectors_with_a_value() -> None:
    probabilities = np.array([[0.1, 0.2, 0.3, 0.4]])

    np.testing.assert_allclose(KIND.marginal(probabilities, "kind"), [[0.3, 0.7]])
    np.testing.assert_allclose(KIND.marginal(probabilities, "person"), [[0.1, 0.2, 0.7]])


def test_name_of_a_vector_is_its_deepest_label() -> None:
    assert [KIND.name_of(vector) for vector in KIND.feasible] == ["doctor", "lawyer", "hospital", "office"]
    assert KIND.vector_names == ("doctor", "lawyer", "hospital", "office")


def test_names_that_could_mean_two_vectors_are_qualified() -> None:
    under_both = TaskGraph.hierarchy(
        Task("a", ("yes", "no")), Task("b", ("yes", "no"), ("a", "yes")), Task("c", ("maybe", "no"), ("a", "no"))
    )
    assert under_both.vector_names == ("yes", "b=no", "maybe", "c=no")
    assert [under_both.name_of(vector) for vector in under_both.feasible] == list(under_both.vector_names)
    # Where a task's parent has a label without it, the deepest labels may be the same in the same tasks.
    loose = TaskGraph(
        [Task("a", ("x", "y")), Task("b", ("p",), ("a", "x")), Task("c", ("p",), ("a", "y")), Task("d", ("z",))],
        [("x", "N/A", "N/A", "z"), ("y", "N/A", "N/A", "z"), ("y", "N/A", "p", "z")],
    )
    assert loose.vector_names == ("a=x & b=N/A & c=N/A & d=z", "a=y & b=N/A & c=N/A & d=z", "p & z")
    # A label that looks like another vector's qualified name.
    posing = TaskGraph([Task("a", ("x", "y")), Task("b", ("x", "y", "b=x"))], [("x", "x"), ("x", "y"), ("y", "b=x")])
    assert len(set(posing.vector_names)) == 3
    # The first vector in full is "a=x & b=y & b=y", as is the second; in short it is "x & y & b=y", as is the third.
    ambiguous = [("x", "y & b=y"), ("x & b=y", "y"), ("x & y", "b=y")]
    first, second = zip(*ambiguous, strict=True)
    with pytest.raises(ValueError, match=r"\('x', 'y & b=y'\) cannot be told from another by name"):
        _ = TaskGraph([Task("a", first), Task("b", second)], ambiguous).vector_names


@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.data())
def test_names_of_vectors_are_unique(sizes: list[int], data: st.DataObject) -> None:
    """All tasks share the same labels, and any subset of the combinations, N/A included, may be feasible."""
    tasks: list[Task] = []
    for i, k in enumerate(sizes):
        above = data.draw(st.sampled_from([None, *((t.name, label) for t in tasks for label in t.labels)]))
        tasks.append(Task(f"t{i}", tuple(f"l{j}" for j in range(k)), above))
    everything = list(product(*((*task.labels, NOT_APPLICABLE) for task in tasks)))
    graph = TaskGraph(tasks, data.draw(st.lists(st.sampled_from(everything), min_size=1, unique=True)))

    assert len(set(graph.vector_names)) == len(graph.feasible)


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ([Task("b", ("x",), parent=("a", "1"))], "parent task 'a' is not among"),
        ([Task("a", ("0",)), Task("b", ("x",), parent=("a", "1"))], "parent task 'a' has no label '1'"),
        ([Task("a", ("0",), parent=("b", "x")), Task("b", ("x",), parent=("a", "0"))], "own ancestor"),
    ],
)
def test_wrong_hierarchies_are_named(tasks: list[Task], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TaskGraph.hierarchy(*tasks)


@pytest.mark.parametrize(
    ("feasible", "said"),
    [
        ([], "feasible set is empty"),
        ([("0",), ("0",)], "twice"),
        ([("0", "1")], "has 2 entries for 1 tasks"),
        ([("7",)], "task 'a' has no label '7'"),
    ],
)
def test_wrong_feasible_sets_are_named(feasible: list[tuple[str, ...]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TaskGraph([Task("a", ("0", "1"))], feasible)


def test_wrong_tasks_are_named() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        Task("", ("x",))
    with pytest.raises(ValueError, match="at least one label"):
        Task("a", ())
    with pytest.raises(ValueError, match=r"task 'a' needs a tuple of labels, not the string 'yes'; write \('yes',\)"):
        Task("a", "yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not the string 'yes'"):
        TaskGraph.single("a", "yes")
    with pytest.raises(ValueError, match="task 'a' lists the label 'N/A', which means that a task does not apply"):
        Task("a", ("x", NOT_APPLICABLE))
    with pytest.raises(ValueError, match="task 'a': names and labels must be strings; got None"):
        Task("a", (None, "b"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must be strings; got 1"):
        TaskGraph.single("a", (1, 2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\['x'\] more than once"):
        Task("a", ("x", "x"))
    with pytest.raises(ValueError, match="must differ"):
        TaskGraph([Task("a", ("x",)), Task("a", ("y",))], [("x", "y")])
    with pytest.raises(ValueError, match="unknown task 'colour'"):
        KIND.position("colour")
    with pytest.raises(ValueError, match="not feasible"):
        KIND.index(("person", "N/A", "office"))


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_events_of_a_coverage_set_partition_the_feasible_set(sizes: list[int], data: st.DataObject) -> None:
    """The projections of F on any tasks are disjoint and leave nothing out."""
    tasks = [Task(f"t{i}", tuple(f"l{j}" for j in range(k))) for i, k in enumerate(sizes)]
    everything = TaskGraph.independent(*tasks).feasible
    chosen = data.draw(st.lists(st.sampled_from(everything), min_size=1, unique=True))
    graph = TaskGraph(tasks, chosen)
    covered = data.draw(st.lists(st.sampled_from(graph.names), min_size=1, unique=True))

    events = np.stack([graph.event(covered, label) for label in graph.projections(covered)])

    assert (events.sum(axis=0) == 1).all()
