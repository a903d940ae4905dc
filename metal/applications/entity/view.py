"""What sources and the end model see of a mention: its name, and the sentence before and after it."""

from __future__ import annotations

from typing import Any

from metal.application import Row
from metal.corpora.mentions import Sentence, Span

COLUMNS = ("id", "before", "name", "after", "first", "last", "words")
"""Columns of the examples: tokens joined by blanks; first and last word of the name, and how many it has."""

MARKS = ("entitystart", "entityend")
"""Words that stand around the name in what the end model reads; letters alone, since it reads nothing else."""
WINDOW = 40
"""Words on either side that the end model reads."""


def columns(identifier: str, sentence: Sentence, span: Span) -> tuple[str | int, ...]:
    """Return the values of `COLUMNS` for a mention."""
    name = sentence.tokens[span.start : span.end]
    before, after = sentence.tokens[: span.start], sentence.tokens[span.end :]
    return (identifier, " ".join(before), " ".join(name), " ".join(after), name[0], name[-1], len(name))


def view(row: Row) -> Row:
    """Show the sources the columns themselves, by name."""
    return row


def text(row: Row) -> str:
    """Return what the end model reads: the sentence around the mention, with the name between marks."""
    before, after = string(row["before"]).split(" "), string(row["after"]).split(" ")
    return " ".join([*before[-WINDOW:], MARKS[0], string(row["name"]), MARKS[1], *after[:WINDOW]])


def string(value: Any) -> str:
    """Return a cell as text; a missing cell (None, NaN) is empty."""
    return value if isinstance(value, str) else ""
