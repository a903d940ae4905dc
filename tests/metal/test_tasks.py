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
