"""What sources and the end model see of a pair of spans: the spans, the text around them, and the sentence marked."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from metal.application import Row
from metal.corpora.facts import Fact

COLUMNS = ("id", "subject", "object", "sentence", "subject_type", "object_type")
"""Columns of the examples.

sentence : the text with SUBJ and OBJ in place of the spans
subject_type, object_type : as the corpus types the spans; empty where it does not
"""

SUBJECT_MARKS, OBJECT_MARKS = ("subjectstart", "subjectend"), ("objectstart", "objectend")
"""Words that stand around the spans in what the end model reads; letters alone, since it reads nothing else."""

SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...", "\u00a0": " "})


def columns(fact: Fact) -> tuple[str, ...]:
    """Return the values of `COLUMNS` for a fact; nothing of its relation."""
    forward = fact.subject[0] < fact.object[0]
    first, second = (fact.subject, fact.object) if forward else (fact.object, fact.subject)
    left, middle, right = fact.text[: first[0]], fact.text[first[1] : second[0]], fact.text[second[1] :]
    names = ("SUBJ", "OBJ") if forward else ("OBJ", "SUBJ")
    return (
        fact.id,
        plain(fact.text[slice(*fact.subject)]),
        plain(fact.text[slice(*fact.object)]),
        plain(f"{left}{names[0]}{middle}{names[1]}{right}"),
        fact.subject_type,
        fact.object_type,
    )


def plain(text: str) -> str:
    """Return a text with typewriter signs, letters without accents, and single blanks, so that patterns are simple."""
    decomposed = unicodedata.normalize("NFKD", text.translate(SIGNS))
    return re.sub(r"\s+", " ", "".join(sign for sign in decomposed if not unicodedata.combining(sign))).strip()


def view(row: Row) -> Row:
    """Show the sources the columns themselves, by name."""
    return row


def text(row: Row) -> str:
    """Return what the end model reads: the sentence, with both spans between marks."""
    spans = {"SUBJ": (SUBJECT_MARKS, "subject"), "OBJ": (OBJECT_MARKS, "object")}

    def marked(found: re.Match[str]) -> str:
        (start, end), column = spans.pop(found[0])
        return f"{start} {string(row[column])} {end}"

    return re.sub(r"SUBJ|OBJ", lambda found: marked(found) if found[0] in spans else found[0], string(row["sentence"]))


def string(value: Any) -> str:
    """Return a cell as text; a missing cell (None, NaN) is empty."""
    return value if isinstance(value, str) else ""
