"""Sentences with typed mentions: what the readers of entity corpora give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Tokens `start` to `end` (exclusive) of a sentence, and their type as the corpus writes it."""

    start: int
    end: int
    type: str


@dataclass(frozen=True)
class Sentence:
    """A sentence in its document: tokens without white space, and spans in order.

    document : empty where the corpus names none; number : from 1, within the file or document
    """

    document: str
    number: int
    tokens: tuple[str, ...]
    spans: tuple[Span, ...]
