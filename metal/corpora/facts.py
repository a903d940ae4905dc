"""Facts: two spans of a text and the relation between them; what the readers of relation corpora give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A relation that a text states between a subject and an object.

    id : unique in its corpus; document : where the text is from
    text, subject, object : the text, and the spans as [start, end) offsets into it, in characters
    subject_type, object_type : as the corpus types the spans; empty where it does not
    relation : as the corpus calls it
    """

    id: str
    document: str
    text: str
    subject: tuple[int, int]
    object: tuple[int, int]
    relation: str
    subject_type: str = ""
    object_type: str = ""
