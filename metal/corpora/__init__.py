"""Readers of published corpora, one module a format: the only part of the library that opens files."""

from __future__ import annotations


class CorpusError(ValueError):
    """A corpus, or a file that belongs to it, is not what its reader expects."""


class BrokenRecordError(CorpusError):
    """One record of a corpus cannot be read; `kind` is the name under which skipped ones are counted."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Skips:
    """What becomes of broken records: with on_error "raise" an error, with "skip" a count by kind."""

    def __init__(self, on_error: str) -> None:
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")
        self.on_error = on_error
        self.counts: dict[str, int] = {}

    def skip(self, error: BrokenRecordError) -> None:
        """Count a broken record, or raise CorpusError with the remedy."""
        if self.on_error == "raise":
            raise CorpusError(f"{error}; or set corpus.on_error=skip to leave out and count such records") from error
        self.counts[error.kind] = self.counts.get(error.kind, 0) + 1
