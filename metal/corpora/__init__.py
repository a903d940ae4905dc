"""Readers of published corpora, one module a format: the only part of the library that opens files."""

from __future__ import annotations


class CorpusError(ValueError):
    """A corpus, or a file that belongs to it, is not what its reader expects."""
