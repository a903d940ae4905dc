from itertools import count

import pytest

from metal.sources import Source, SourceError, Vote, apply_sources, labeling_function
from metal.tasks import Task, TaskGraph

TRIAGE = TaskGraph.hierarchy(Task("acuity", ("high", "low")), Task("high", ("now", "soon"), parent=("acuity", "high")))


@labeling_function(tasks="acuity", labels=["low", "high"])
def mood(text: str) -> str | None:
    """Vote by mood.

    More of it.
    """
    return {"calm": "low", "alarm": "high"}.get(text)


@labeling_function(tasks=["acuity", "high"], labels=[("high", "now")], name="screams")
def loud(text: str) -> tuple[str, str] | None:
    return ("high", "now") if text.isupper() else None


def examples(*texts: str) -> list[tuple[str, str]]:
    return [(f"e{i}", text) for i, text in enumerate(texts)]


def test_decorator_takes_name_and_description_from_the_function() -> None:
    assert (mood.name, mood.tasks, mood.description) == ("mood", ("acuity",), "Vote by mood.")
    assert (loud.name, loud.vectors) == ("screams", (("high", "now"),))


def test_votes_are_codes_in_the_order_of_the_declared_labels() -> None:
    votes, failures = apply_sources([mood, loud], examples("calm", "alarm", "ALARM", ""), TRIAGE)

    assert votes.codes.tolist() == [[1, 0], [2, 0], [0, 1], [0, 0]]
    assert votes.spaces[0].labels == (("low",), ("high",))
    assert failures == {"mood": 0, "screams": 0}


def broken(text: str) -> str | None:
    return str(1 / len(text))


def test_a_source_that_raises_is_named_with_example_and_cause() -> None:
    source = Source("broken", ("acuity",), ("low",), broken)

    with pytest.raises(SourceError, match=r"'broken' raised on example 'e1': ZeroDivisionError: .*label.on_error"):
        apply_sources([mood, source], [("e1", "")], TRIAGE)


def test_a_source_that_raises_can_count_as_abstaining_once_an_example() -> None:
    source: Source[str] = Source("broken", ("acuity",), ("low", "high"), lambda text: {1: "low"}[len(text)])

    # Shown twice because of the recheck, the failing example still counts once.
    votes, failures = apply_sources([source], examples("x", "", "xx"), TRIAGE, on_error="abstain", recheck_every=1)

    assert votes.codes.tolist() == [[1], [0], [0]]
    assert failures == {"broken": 2}


@pytest.mark.parametrize("returned", ["medium", ("high", "now"), ["high"], 1])
def test_an_undeclared_label_is_named(returned: Vote) -> None:
    source: Source[str] = Source("odd", ("acuity",), ("low", "high"), lambda text: returned)

    with pytest.raises(SourceError, match=r"'odd' returned .* on example 'e0'; it declares \['low', 'high'\]"):
        apply_sources([source], examples("calm"), TRIAGE)


def test_a_source_that_votes_differently_when_asked_again_is_named() -> None:
    calls = count()
    source: Source[str] = Source("moody", ("acuity",), ("low", "high"), lambda text: ("low", "high")[next(calls) % 2])

    with pytest.raises(SourceError, match="'moody' is not deterministic: on example 'e0' it voted 1 and then 2"):
        apply_sources([source], examples("calm"), TRIAGE)


@pytest.mark.parametrize(
    ("name", "tasks", "labels", "said"),
    [
        ("not a name", ("acuity",), ("low",), "must be an identifier"),
        ("s", (), ("low",), "covers no task"),
        ("s", ("acuity",), (), "declares no label"),
        ("s", ("acuity",), ("low", "low"), "declares a label twice"),
    ],
)
def test_wrong_declarations_are_named(name: str, tasks: tuple[str, ...], labels: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Source[str](name, tasks, labels, lambda text: None)


def test_a_label_that_contradicts_the_feasible_set_is_named() -> None:
    source: Source[str] = Source("s", ("acuity", "high"), (("low", "now"),), lambda text: None)

    with pytest.raises(ValueError, match=r"source 's': label .* contradicts the feasible set"):
        apply_sources([source], examples("calm"), TRIAGE)


def test_unknown_error_handling_is_refused() -> None:
    with pytest.raises(ValueError, match="on_error must be 'raise' or 'abstain', not 'ignore'"):
        apply_sources([mood], examples("calm"), TRIAGE, on_error="ignore")


def test_no_examples_give_an_empty_matrix() -> None:
    votes, _ = apply_sources([mood, loud], [], TRIAGE)

    assert votes.shape == (0, 2)
