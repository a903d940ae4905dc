"""What the report says: who is not determined, why, and remedies that hold when obeyed."""

import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal.identifiability import check_identifiability, generic_rank
from metal.label_matrix import LabelSpace
from metal.tasks import Task, TaskGraph
from tests.metal.identifiability.structures import KIND, PRODUCT, SPAM, edges, spaces


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
