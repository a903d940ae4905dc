"""Conditions: what they hold of, and that an example at a time and all at once give the same answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metal.conditions import PORTABLE, Columns, Condition, among, keywords, matches, within

TEXTS = ["Ann was born in Oslo.", "U.S. senator", "", None, "born\n", "Ærø born", "the BORN identity", "unborn"]


def both_ways(condition: Condition, **columns: list[Any]) -> list[bool]:
    """Evaluate a condition one by one and all at once; they must agree."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    one_by_one = [condition.holds(row) for row in rows]
    assert condition.mask(Columns(pa.table(columns))).tolist() == one_by_one
    return one_by_one


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (matches("text", r"born\b"), [1, 0, 0, 0, 1, 1, 0, 1]),
        (keywords("text", ["born"]), [1, 0, 0, 0, 1, 1, 1, 0]),
        (keywords("text", ["born"], ignore_case=False), [1, 0, 0, 0, 1, 1, 0, 0]),
        (keywords("text", ["U.S.", "oslo"]), [1, 1, 0, 0, 0, 0, 0, 0]),
        (among("text", ["U.S. senator", "Ærø born", "born"]), [0, 1, 0, 0, 0, 1, 0, 0]),
        # `$` stands before a last line break too, for Python.
        (matches("text", "born$"), [0, 0, 0, 0, 1, 1, 0, 1]),
        # Look-around is unknown to RE2.
        (matches("text", r"(?<!un)born", ignore_case=True), [1, 0, 0, 0, 1, 1, 1, 0]),
        # A letter is a letter in any language, for Python.
        (matches("text", r"^\w+ born"), [0, 0, 0, 0, 0, 1, 0, 0]),
        (keywords("text", ["born"]) & ~matches("text", "Oslo"), [0, 0, 0, 0, 1, 1, 1, 0]),
        (matches("text", "Oslo") | among("text", ["unborn"]), [1, 0, 0, 0, 0, 0, 0, 1]),
        # What is missing fulfils nothing, so that its negation holds.
        (~matches("text", ""), [0, 0, 0, 1, 0, 0, 0, 0]),
    ],
)
def test_what_holds(condition: Condition, holds: list[int]) -> None:
    assert both_ways(condition, text=TEXTS) == [bool(value) for value in holds]


def test_numbers_lie_within_bounds_that_belong_to_the_range() -> None:
    numbers = [1, 2, 3, None, float("nan")]

    assert both_ways(within("size", 2, 3), size=numbers) == [False, True, True, False, False]
    assert both_ways(within("size", high=1), size=numbers) == [True, False, False, False, False]


def test_an_example_may_be_an_object_with_the_columns_as_attributes() -> None:
    @dataclass
    class Mention:
        text: str

    assert keywords("text", ["born"]).holds(Mention("born in Oslo"))


def test_a_column_without_any_text_fulfils_nothing() -> None:
    assert both_ways(matches("text", ""), text=[None, None]) == [False, False]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: matches("text", "("), r"pattern '\(' for column 'text'"),
        (lambda: keywords("text", []), "must not be empty"),
        (lambda: among("text", ["a", ""]), "must not be empty, nor hold an empty word"),
        (lambda: keywords("text", "born"), r"not the string 'born'; write \['born'\]"),
    ],
)
def test_wrong_declarations_are_named(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


def test_unknown_columns_and_columns_of_another_type_are_named() -> None:
    columns = Columns(pa.table({"text": ["a"], "size": [1]}))

    with pytest.raises(ValueError, match=r"no column 'txet'; the columns are \['text', 'size'\]"):
        matches("txet", "a").mask(columns)
    with pytest.raises(ValueError, match="column 'size' holds int64"):
        matches("size", "a").mask(columns)


@pytest.mark.parametrize(
    "pattern", [r"(?i)a", r"a(?=b)", r"(a)\1", r"\Ba", r"a{,2}", "a{1", r"\x41", r"\Aa", "a++", "[[:alpha:]]", "ä"]
)
def test_patterns_that_the_two_may_read_differently_are_not_portable(pattern: str) -> None:
    assert not PORTABLE.fullmatch(pattern)


PIECES = st.sampled_from(
    [*"aB_1 -éſK.^$|()[]*+?", "(?:", "(?!", "(?<=", "[^", "{2}", "{,2}", "{1,}", "a-b", r"\b", r"\B", r"\w", r"\s"]
) | st.sampled_from([r"\d", r"\.", r"\ ", r"\S", r"\1"])
LETTERS = st.text("aAbBkKsSé_1 .-\t\n\x0b\x1c\u017f\u212a\u0660", max_size=8)


@pytest.mark.filterwarnings("ignore:Possible nested set")
@given(st.lists(PIECES, max_size=7).map("".join), st.booleans(), st.lists(st.none() | LETTERS, min_size=1, max_size=5))
@example("$", False, ["\n"])
@example(r"\s", False, ["\x0b", "\x1c"])
@example("k", True, ["\u212a"])
@example(r"\B", False, [""])
def test_any_pattern_finds_the_same_both_ways(pattern: str, ignore_case: bool, texts: list[str | None]) -> None:
    try:
        re.compile(pattern)
    except re.error:
        return

    both_ways(matches("text", pattern, ignore_case=ignore_case), text=texts)


@given(st.lists(st.text("aA.b ", min_size=1), min_size=1, max_size=4), st.lists(LETTERS, min_size=1, max_size=5))
def test_any_keywords_are_found_the_same_both_ways(words: list[str], texts: list[str]) -> None:
    both_ways(keywords("text", words), text=texts)
