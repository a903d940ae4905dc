"""The table of cases for several tasks and for more labels than two: graph, ranks, and which sources are left open."""

import pytest

from metal.identifiability import check_identifiability, generic_rank, likelihood_rank
from metal.label_matrix import LabelSpace
from metal.tasks import TaskGraph
from tests.metal.identifiability.structures import KIND, PRODUCT, THREE, Edges, spaces

INDEPENDENT = (0.42, 0.28, 0.18, 0.12)  # (.7, .3) x (.6, .4)
DEPENDENT = (0.4, 0.1, 0.2, 0.3)

TASKS = ("kind", 3), ("person", 3), ("organization", 3)
MULTITASK = [
    # sources, dependencies, balance, (tied, sign components), (rank, of) of proj at orders 2 and 3, who is left open
    pytest.param(KIND, TASKS, [], None, (True, 1), (66, 66), (66, 66), (), id="14: three a task"),
    pytest.param(
        KIND, (("kind,person,organization", 3),), [], None, (True, 1), (45, 48), (48, 48), (), id="15: full coverage"
    ),
    pytest.param(
        KIND,
        (("kind", 3), ("person", 2), ("organization", 3)),
        [],
        None,
        (True, 1),
        (56, 57),
        (56, 57),
        ("person_0", "person_1"),
        id="16: two on the second task",
    ),
    pytest.param(KIND, (("kind", 3),), [], None, (True, 1), (12, 12), (12, 12), (), id="17: coarse only"),
    pytest.param(
        KIND,
        (("kind", 1), ("person", 1), ("organization", 1)),
        [],
        None,
        (True, 1),
        (16, 22),
        (16, 22),
        ("person_0", "organization_0"),
        id="18: one a task",
    ),
    pytest.param(
        PRODUCT, (("a", 3), ("b", 3)), [], INDEPENDENT, (True, 2), (24, 24), (24, 24), (), id="19: independent, 3+3"
    ),
    pytest.param(
        PRODUCT,
        (("a", 3), ("b", 2)),
        [],
        INDEPENDENT,
        (False, 1),
        (19, 20),
        (19, 20),
        ("b_0", "b_1"),
        id="20: independent, 3+2",
    ),
    pytest.param(
        PRODUCT, (("a", 3), ("b", 2)), [], DEPENDENT, (True, 1), (20, 20), (20, 20), (), id="21: dependent, 3+2"
    ),
    pytest.param(
        KIND,
        TASKS,
        [("person_0", "person_1"), ("person_1", "person_2"), ("person_0", "person_2")],
        None,
        (True, 1),
        (57, 66),
        (57, 66),
        ("person_0", "person_1", "person_2"),
        id="22: the second task's in a clique",
    ),
    pytest.param(THREE, (("colour", 3),), [], None, (True, 1), (26, 27), (27, 27), (), id="23: three labels"),
]


@pytest.mark.parametrize(("tasks", "counts", "dependencies", "balance", "tied", "second", "third", "open_"), MULTITASK)
def test_multi_task_cases(
    tasks: TaskGraph,
    counts: tuple[tuple[str, int], ...],
    dependencies: Edges,
    balance: tuple[float, ...] | None,
    tied: tuple[bool, int],
    second: tuple[int, int],
    third: tuple[int, int],
    open_: tuple[str, ...],
) -> None:
    sources = spaces(tasks, *counts)

    report = check_identifiability(tasks, sources, dependencies, class_balance=balance)
    by_cell = check_identifiability(tasks, sources, dependencies, class_balance=balance, parameterisation="proj")
    ranks = [generic_rank(tasks, sources, dependencies, class_balance=balance, order=order) for order in (2, 3)]

    assert (report.identifiable, len(report.components)) == tied
    assert [rank[:2] for rank in ranks] == [second, third]
    assert ranks[1][2] == open_
    assert by_cell.undetermined == open_
    assert by_cell.rank == third
    # The likelihood knows all orders: of independent sources no more than the third, of a clique its own tables, too.
    all_orders = likelihood_rank(tasks, sources, dependencies, class_balance=balance)
    assert all_orders is not None
    assert all_orders[2] == open_
    assert dependencies or all_orders[:2] == third
    # The tied graph and the rank of the tied Jacobian are two ways to the same answer.
    rank, parameters, loose = generic_rank(tasks, sources, dependencies, class_balance=balance, parameterisation="tied")
    assert (rank == parameters) is report.identifiable
    assert loose == report.undetermined


def test_case_14_full_tables_need_third_moments() -> None:
    sources = spaces(KIND, *TASKS)

    assert generic_rank(KIND, sources, parameterisation="full")[:2] == (93, 96)
    assert generic_rank(KIND, sources, parameterisation="full", order=3)[:2] == (96, 96)
    report = check_identifiability(KIND, sources, parameterisation="full")
    assert (report.identifiable, report.rank) == (True, (96, 96))
    assert "(full parameterisation, rank 96 of 96)" in report.explain()


def test_full_tables_are_asked_for_not_cells() -> None:
    """Two sources a task determine no cells (case 16), but three of another task tell the vectors apart for them."""
    sources = spaces(KIND, ("kind", 3), ("person", 2), ("organization", 3))

    assert check_identifiability(KIND, sources, parameterisation="full").identifiable
    assert not check_identifiability(KIND, sources, parameterisation="proj").identifiable
    coarse = check_identifiability(KIND, spaces(KIND, ("kind", 2)), parameterisation="full")
    assert coarse.undetermined == ("kind_0", "kind_1")


@pytest.mark.parametrize("parameterisation", ["tied", "proj"])
def test_case_17_coarse_sources_cannot_tell_the_balance(parameterisation: str) -> None:
    # Two of the three free entries of p split cells that no source tells apart.
    sources = spaces(KIND, ("kind", 3))
    assert generic_rank(KIND, sources, parameterisation=parameterisation, balance_known=False, order=3)[:2] == (13, 15)

    report = check_identifiability(
        KIND, sources, parameterisation=parameterisation, evidence="likelihood", balance_known=False
    )

    assert (report.identifiable, report.undetermined, report.rank) == (False, (), (13, 15))
    assert report.explain().startswith("The class balance is NOT determined by the likelihood")
    assert report.remedies == ("give the class balance",)


def test_case_22_a_clique_is_determined_tied_by_moments_but_not_its_joint_table() -> None:
    dependencies = [("person_0", "person_1"), ("person_1", "person_2"), ("person_0", "person_2")]
    sources = spaces(KIND, *TASKS)

    report = check_identifiability(KIND, sources, dependencies, evidence="likelihood")

    assert report.undetermined == ("person_0", "person_1", "person_2")
    assert "moments between groups (wls, algorithm1) determine the accuracies, too" in report.notes


def test_unipolar_sources_of_three_labels_need_more_than_three() -> None:
    """A source of one label has three rates: each of three tells all labels apart, but 9 parameters face 7 moments."""
    labels = ("red", "green", "blue", "red", "green", "blue")
    sources = [LabelSpace.checked(f"s{i}", ["colour"], [(label,)], THREE) for i, label in enumerate(labels)]

    few = check_identifiability(THREE, sources[:3], parameterisation="proj")
    enough = check_identifiability(THREE, sources, parameterisation="proj")

    assert (few.identifiable, few.rank) == (False, (7, 9))
    assert few.undetermined == ("s0", "s1", "s2")
    assert (enough.identifiable, enough.rank) == (True, (18, 18))
