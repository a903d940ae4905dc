"""Dictionaries are written as lists of words, read by this."""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a text, in order and each once."""
    return tuple(dict.fromkeys(text.split()))
