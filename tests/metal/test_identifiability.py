"""The two tables of cases: what the structure determines, for binary sources and for several tasks.

Binary sources vote on the one task; "completed" means that dependence is taken by group, the only sound reading.
"""

import json
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal.identifiability import check_identifiability, generic_rank, likelihood_rank
from metal.identifiability.check import odd_components
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
INDEPENDENT = (0.42, 0.28, 0.18, 0.12)  # (.7, .3) x (.6, .4)
DEPENDENT = (0.4, 0.1, 0.2, 0.3)

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


BINARY = [
    # sources, dependencies, determined by moments between groups, rank of the likelihood (sources that never abstain)
    pytest.param(1, [], False, (1, 2), id="1: one source"),
    pytest.param(2, [], False, (3, 4), id="1: two independent"),
    pytest.param(3, [], True, (6, 6), id="2: three independent"),
    pytest.param(4, edges((0, 1)), True, (10, 10), id="3: four, one dependency"),
    pytest.param(4, edges((0, 1), (2, 3)), False, (11, 12), id="4: two pairs"),
    pytest.param(4, edges((0, 1)), True, (10, 10), id="5: two pairs, one dropped"),
    pytest.param(5, edges((0, 1), (2, 3)), True, (14, 14), id="6: two pairs and one"),
    pytest.param(5, clique(0, 1, 2), True, (18, 18), id="7: triangle and two"),
    pytest.param(10, clique(0, 1, 2, 3, 4) + clique(5, 6, 7, 8, 9), False, (123, 124), id="8: two 5-cliques"),
    pytest.param(11, clique(0, 1, 2, 3, 4) + clique(5, 6, 7, 8, 9), True, (126, 126), id="8: two 5-cliques and one"),
    pytest.param(6, clique(0, 1, 2, 3, 4, 5), False, (63, 126), id="9: 6-clique"),
    pytest.param(7, clique(0, 1, 2, 3, 4, 5), False, (127, 128), id="9: 6-clique and one"),
    pytest.param(8, clique(0, 1, 2, 3, 4, 5), True, (130, 130), id="9: 6-clique and two"),
    pytest.param(5, edges((0, 1), (1, 2), (2, 3), (3, 4)), False, (18, 18), id="10: path of five"),
    pytest.param(6, edges(*((i, j) for i in (0, 1, 2) for j in (3, 4, 5))), False, (62, 62), id="11: K3,3"),
    pytest.param(5, edges((0, 1), (0, 2), (0, 3)), False, (16, 16), id="12: star and one"),
    pytest.param(5, edges((0, 1), (1, 2)), True, (14, 14), id="13: path of three and two"),
]


@pytest.mark.parametrize("abstains", [True, False])
@pytest.mark.parametrize(("count", "dependencies", "determined", "likelihood"), BINARY)
def test_binary_cases(
    count: int, dependencies: Edges, determined: bool, likelihood: tuple[int, int], abstains: bool
) -> None:
    sources = spaces(SPAM, ("spam", count))
    always = () if abstains else [space.name for space in sources]

    for parameterisation in ("tied", "proj", "full"):
        report = check_identifiability(
            SPAM, sources, dependencies, parameterisation=parameterisation, always_votes=always
        )
        assert report.identifiable is determined
        assert bool(report.undetermined) is not determined


@pytest.mark.parametrize(("count", "dependencies", "determined", "likelihood"), BINARY)
def test_binary_cases_by_the_likelihood(
    count: int, dependencies: Edges, determined: bool, likelihood: tuple[int, int]
) -> None:
    """The completed column is about moments; a path, K3,3 and a star, single groups, are determined by the likelihood.

    Parameters without abstains, by hand: two a source, 2 x (2^s - 1) a clique of s, and of a path of five
    2 + 4 x 4 = 18.
    """
    sources = spaces(SPAM, ("spam", count))
    always = [space.name for space in sources]

    found = likelihood_rank(SPAM, sources, dependencies, always_votes=always)
    free = likelihood_rank(SPAM, sources, dependencies, always_votes=always, balance_known=False)
    report = check_identifiability(SPAM, sources, dependencies, evidence="likelihood", always_votes=always)

    assert found is not None
    assert free is not None
    assert found[:2] == likelihood
    # A balance that is not known is determined exactly where the sources are.
    assert (free[0] == free[1]) is (found[0] == found[1])
    assert report.identifiable is (found[0] == found[1])
    assert report.rank == likelihood
    moments = [note for note in report.notes if note.startswith("moments between groups")]
    assert ("do not determine" in moments[0]) is not determined


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


def test_case_24_three_unipolar_sources() -> None:
    sources = [LabelSpace.checked(f"s{i}", ["spam"], [(label,)], SPAM) for i, label in enumerate(("no", "no", "yes"))]

    assert check_identifiability(SPAM, sources).identifiable


def test_report_names_sources_and_says_the_remedy() -> None:
    report = check_identifiability(SPAM, spaces(SPAM, ("spam", 4)), edges((0, 1), (2, 3)))

    assert report.undetermined == ("spam_0", "spam_1", "spam_2", "spam_3")
    text = report.explain()
    assert "NOT determined" in text
    assert "add 1 source, independent of ['spam_0', 'spam_1', 'spam_2', 'spam_3']" in text
    assert "drop the dependencies spam_0-spam_1" in text
    assert json.loads(json.dumps(report.to_dict()))["identifiable"] is False


def test_one_lone_source_needs_two_more() -> None:
    report = check_identifiability(SPAM, [LabelSpace.checked("only", ["spam"], [("yes",)], SPAM)])

    assert report.findings == ("only=yes: related to no vote of another group, so no accuracy is determined",)
    assert report.remedies == ("add 2 sources, independent of each other and of ['only'], that vote on the same",)


def test_remedy_follows_when_obeyed() -> None:
    """Dropping the dependencies that the report names, or adding the sources, makes the case determined."""
    sources = spaces(SPAM, ("spam", 5))
    path = edges((0, 1), (1, 2), (2, 3), (3, 4))
    remedy = check_identifiability(SPAM, sources, path).remedies[0]
    named = {tuple(edge.split("-")) for edge in remedy.rsplit("dependencies ", 1)[1].split(", ")}

    assert check_identifiability(SPAM, sources, [edge for edge in path if edge not in named]).identifiable
    assert check_identifiability(SPAM, spaces(SPAM, ("spam", 7)), path).identifiable


def test_each_sign_component_asks_for_an_anchor() -> None:
    report = check_identifiability(PRODUCT, spaces(PRODUCT, ("a", 3), ("b", 3)))

    assert report.components == (("a_0", "a_1", "a_2"), ("b_0", "b_1", "b_2"))
    assert "one of ['a_0', 'a_1', 'a_2']" in report.notes[0]


def test_a_vote_that_always_holds_is_noted() -> None:
    graph = TaskGraph.independent(Task("only", ("same",)), Task("spam", ("no", "yes")))
    sources = [*spaces(graph, ("spam", 3)), LabelSpace.checked("idle", ["only"], [("same",)], graph)]

    report = check_identifiability(graph, sources)

    assert report.identifiable
    assert "idle=same holds for every feasible vector" in report.notes[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.data())
def test_remedies_are_enough_and_none_is_too_much(count: int, data: st.DataObject) -> None:
    """Binary sources on any graph: what the report says to add or to drop makes it determined; one less does not."""
    pairs = list(combinations(range(count), 2))
    dependencies = edges(*data.draw(st.lists(st.sampled_from(pairs), unique=True)))
    report = check_identifiability(SPAM, spaces(SPAM, ("spam", count)), dependencies)
    if report.identifiable:
        return

    [remedy] = report.remedies
    added = int(remedy.split()[1])
    assert check_identifiability(SPAM, spaces(SPAM, ("spam", count + added)), dependencies).identifiable
    assert not check_identifiability(SPAM, spaces(SPAM, ("spam", count + added - 1)), dependencies).identifiable
    if "drop the dependencies" not in remedy:
        return
    dropped = {tuple(edge.split("-")) for edge in remedy.rsplit("dependencies ", 1)[1].split(", ")}
    kept = [edge for edge in dependencies if edge not in dropped]
    assert check_identifiability(SPAM, spaces(SPAM, ("spam", count)), kept).identifiable
    for edge in dropped:
        assert not check_identifiability(SPAM, spaces(SPAM, ("spam", count)), [*kept, edge]).identifiable


def test_what_the_rank_finds_open_has_a_remedy_that_holds() -> None:
    sources = spaces(KIND, ("kind", 1), ("person", 1), ("organization", 1))

    report = check_identifiability(KIND, sources, parameterisation="proj")

    assert report.undetermined == ("person_0", "organization_0")
    assert report.remedies[0].startswith("add 2 sources, independent of each other and of ['person_0', ")
    covered = ["person", "organization"]
    both = [LabelSpace.checked(f"new_{i}", covered, KIND.projections(covered), KIND) for i in (0, 1)]
    assert check_identifiability(KIND, [*sources, *both], parameterisation="proj").identifiable
    assert not check_identifiability(KIND, [*sources, both[0]], parameterisation="proj").identifiable


@pytest.mark.parametrize("evidence", ["moments", "likelihood"])
@pytest.mark.parametrize("last", [2, 3])
def test_many_sources_are_judged_by_some_of_each_kind(evidence: str, last: int) -> None:
    """Sixty sources on two tasks, in pairs, and two or three on the last task; two are not enough (case 16)."""
    many = spaces(KIND, ("kind", 30), ("person", 30), ("organization", last))
    dependencies = [(f"{task}_{i}", f"{task}_{i + 1}") for task in ("kind", "person") for i in range(0, 30, 2)]

    report = check_identifiability(KIND, many, dependencies, parameterisation="proj", evidence=evidence)

    assert report.undetermined == (("organization_0", "organization_1") if last == 2 else ())
    assert (report.rank is not None) is (last == 3)
    assert any("the rank was taken on" in note for note in report.notes) is (last == 3)


@given(st.integers(1, 8), st.data())
def test_odd_components_are_those_that_are_not_bipartite(size: int, data: st.DataObject) -> None:
    pairs = list(combinations(range(size), 2))
    graph = nx.Graph(data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])
    graph.add_nodes_from(range(size))

    component, odd = odd_components(nx.to_numpy_array(graph, nodelist=range(size)) > 0)

    assert [odd[component[node]] for node in range(size)] == [
        not nx.is_bipartite(graph.subgraph(nx.node_connected_component(graph, node))) for node in range(size)
    ]


def test_adding_an_independent_source_never_harms() -> None:
    random = np.random.default_rng(0)
    for _ in range(30):
        count = int(random.integers(3, 8))
        pairs = [pair for pair in combinations(range(count), 2) if random.random() < 0.3]
        before = check_identifiability(SPAM, spaces(SPAM, ("spam", count)), edges(*pairs))
        after = check_identifiability(SPAM, spaces(SPAM, ("spam", count + 1)), edges(*pairs))
        assert set(after.undetermined) <= set(before.undetermined) | {f"spam_{count}"}
        assert after.identifiable or not before.identifiable


def test_wrong_questions_are_refused() -> None:
    sources = spaces(SPAM, ("spam", 3))
    with pytest.raises(ValueError, match="unknown source 'ghost'"):
        check_identifiability(SPAM, sources, [("spam_0", "ghost")])
    with pytest.raises(ValueError, match=r"always_votes names unknown sources \['ghost'\]"):
        check_identifiability(SPAM, sources, always_votes=["ghost"])
    with pytest.raises(ValueError, match=r"parameterisation must be one of \['tied', 'proj', 'full'\], not 'loose'"):
        check_identifiability(SPAM, sources, parameterisation="loose")
    with pytest.raises(ValueError, match=r"evidence must be one of \['moments', 'likelihood'\], not 'votes'"):
        check_identifiability(SPAM, sources, evidence="votes")
    with pytest.raises(ValueError, match="class_balance must have 2 entries"):
        check_identifiability(SPAM, sources, class_balance=[1.0])
    with pytest.raises(ValueError, match="order must be 2 or 3"):
        generic_rank(SPAM, sources, order=4)
