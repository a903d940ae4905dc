from itertools import count
from typing import Any

import pyarrow as pa
import pytest

from metal.conditions import keywords, matches
from metal.sources import Source, SourceError, Vote, apply_sources, declare, labeling_function
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


FEELS = declare(
    "feels",
    tasks="acuity",
    votes={"high": keywords("text", ["alarm", "scream"]), "low": matches("text", "^calm|scream")},
    says="Vote by feeling.",
)


@labeling_function(tasks="acuity", labels=["low"])
def short(example: dict[str, str]) -> str | None:
    return "low" if len(example["text"]) < 5 else None


MOODS = ["calm", "an ALARM", "scream", "", "calm but alarm"]
FELT = [2, 1, 1, 0, 1]  # the first label whose condition holds


def test_a_declared_source_votes_the_first_label_that_holds() -> None:
    votes, _ = apply_sources([FEELS], [(text, {"text": text}) for text in MOODS], TRIAGE)

    assert votes.codes[:, 0].tolist() == FELT
    assert (FEELS.labels, FEELS.description) == (("high", "low"), "Vote by feeling.")
    assert FEELS.columns == {"text"}


@pytest.mark.parametrize("sources", [[FEELS], [FEELS, short], [short, FEELS]])
@pytest.mark.parametrize("kept", [list, iter])
def test_votes_over_columns_are_those_over_examples(sources: list[Source[Any]], kept: Any) -> None:
    asked = [(text, {"text": text}) for text in MOODS]

    expected, _ = apply_sources(sources, asked, TRIAGE)
    votes, failures = apply_sources(sources, kept(asked), TRIAGE, columns=pa.table({"text": MOODS}), recheck_every=2)

    assert votes.codes.tolist() == expected.codes.tolist()
    assert failures == {source.name: 0 for source in sources}


def test_an_example_that_differs_from_its_row_is_named() -> None:
    with pytest.raises(SourceError, match="'feels' is not deterministic: on example 'e1' it voted 2 and then 1"):
        apply_sources(
            [FEELS],
            [("e0", {"text": ""}), ("e1", {"text": "alarm"})],
            TRIAGE,
            columns=pa.table({"text": ["", "calm"]}),
            recheck_every=1,
        )


def test_without_its_columns_a_declared_source_reads_the_examples() -> None:
    votes, _ = apply_sources([FEELS], [("e0", {"text": "alarm"})], TRIAGE, columns=pa.table({"id": ["e0"]}))

    assert votes.codes.tolist() == [[1]]


@pytest.mark.parametrize("sources", [[FEELS], [FEELS, short]])
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_columns_that_do_not_fit_the_examples_are_refused(sources: list[Source[Any]], rows: int) -> None:
    with pytest.raises(ValueError, match=f"{rows} rows of columns"):
        apply_sources(
            sources, [("e0", {"text": ""}), ("e1", {"text": ""})], TRIAGE, columns=pa.table({"text": [""] * rows})
        )


def test_more_examples_than_are_kept_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metal.sources.CHUNK", 3)
    texts = ["calm", "alarm", "", "ALARM"] * 3

    votes, _ = apply_sources([mood, loud], examples(*texts), TRIAGE, recheck_every=2)

    assert votes.codes.tolist() == [[1, 0], [2, 0], [0, 0], [0, 1]] * 3


def test_a_source_that_alternates_is_found_in_any_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metal.sources.CHUNK", 2)
    calls = count()
    source: Source[str] = Source(
        "moody", ("acuity",), ("low", "high"), lambda text: "low" if text or next(calls) % 2 else "high"
    )

    with pytest.raises(SourceError, match="'moody' is not deterministic: on example 'e4'"):
        apply_sources([source], examples("a", "b", "c", "d", "", "f"), TRIAGE, recheck_every=2)
