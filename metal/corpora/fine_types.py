"""Fine types of mentions: JSON lines of `tokens` and `mentions`, each with `start`, `end` (exclusive) and `labels`.

Labels are paths of types: /person/business, /organization/company. The annotation was published apart from the text
of OntoNotes; here it is joined to it by sentence and characters, whatever the tokens.

Source: Gillick et al., "Context-Dependent Fine-Grained Entity Type Tagging", arXiv:1412.1820, 2014.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from metal.corpora import BrokenRecordError, CorpusError, Skips
from metal.corpora.mentions import Sentence, Span

PATTERNS = ("*.json", "*.jsonl")
LONGEST_LINE = 1 << 22
ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": '"', "''": '"'}


class FineTypes:
    """The labels of mentions, looked up by the characters of sentence and mention; `mentions` counts them."""

    def __init__(self, files: Iterable[Path], skips: Skips) -> None:
        """Read files. Kinds of broken records: not_utf8, too_long, malformed, span, labels; `skips` says what of them.

        Raises CorpusError naming file, line, value and remedy, and for a file that cannot be read.
        """
        self.labels: dict[tuple[str, int, int], frozenset[str]] = {}
        for file in files:
            self._read(file, skips)

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, sentence: Sentence, span: Span) -> frozenset[str] | None:
        """Return the labels of a mention; None where it has none."""
        return self.labels.get(place(sentence.tokens, span.start, span.end))

    def _read(self, file: Path, skips: Skips) -> None:
        try:
            with file.open("rb") as lines:
                number = 0
                while line := lines.readline(LONGEST_LINE):
                    number += 1
                    try:
                        self._add(line, f"{file}, line {number}")
                    except BrokenRecordError as error:
                        skips.skip(error)
        except OSError as error:
            raise CorpusError(f"{file} cannot be read: {error.strerror}; mend or remove it") from error

    def _add(self, line: bytes, where: str) -> None:
        if not line.strip():
            return
        if len(line) >= LONGEST_LINE:
            raise BrokenRecordError(
                "too_long", f"{where}: longer than {LONGEST_LINE} bytes; put one sentence on a line"
            )
        try:
            record: Any = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BrokenRecordError("not_utf8", f"{where}: byte {line[error.start]:#04x} is not UTF-8") from error
        except (ValueError, RecursionError) as error:
            raise BrokenRecordError("malformed", f"{where}: no JSON: {error}; mend or remove the line") from error
        tokens, mentions = (record.get(key) if isinstance(record, dict) else None for key in ("tokens", "mentions"))
        if not _strings(tokens) or not isinstance(mentions, list):
            raise BrokenRecordError(
                "malformed", f"{where}: no object with lists `tokens` and `mentions`; mend the line"
            )
        found = {}
        for mention in mentions:
            start, end, labels = (
                mention.get(key) if isinstance(mention, dict) else None for key in ("start", "end", "labels")
            )
            if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(tokens):
                raise BrokenRecordError(
                    "span",
                    f"{where}: the mention {start!r} to {end!r} is none of its {len(tokens)} tokens; mend the span",
                )
            if not _strings(labels) or not all(label.startswith("/") for label in labels):
                raise BrokenRecordError(
                    "labels", f"{where}: labels {labels!r} should be paths such as '/person/business'"
                )
            found[place(tokens, start, end)] = frozenset(labels)
        self.labels.update(found)


def place(tokens: Sequence[str], start: int, end: int) -> tuple[str, int, int]:
    """Return a sentence's characters without blanks, and the first and last character of a mention in them."""
    plain = ["".join(ESCAPES.get(token, token).split()) for token in tokens]
    lengths = [len(token) for token in plain]
    return "".join(plain), sum(lengths[:start]), sum(lengths[:end])


def _strings(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
