"""Few-NERD in its published form: `token<TAB>coarse-fine` a line, `O` outside, a blank line between sentences.

Tags carry no B- or I-: a mention is a longest run of tokens with one tag, so that two mentions of one type side by
side are read as one.

Source: Ding et al., "Few-NERD: A Few-shot Named Entity Recognition Dataset", ACL 2021; types of its Figure 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from metal.corpora import BrokenRecordError, CorpusError, Skips
from metal.corpora.mentions import Sentence, Span

OUTSIDE = "O"
LONGEST_LINE = 1 << 12
"""Bytes of a line; the published ones have at most some hundred."""
LONGEST_SENTENCE = 2_000
"""Tokens of a sentence, so that a file without blank lines is refused before it fills the memory."""

FINE = {
    "art": "broadcastprogram film music other painting writtenart",
    "building": "airport hospital hotel library other restaurant sportsfacility theater",
    "event": "attack/battle/war/militaryconflict disaster election other protest sportsevent",
    "location": "GPE bodiesofwater island mountain other park road/railway/highway/transit",
    "organization": "company education government/governmentagency media/newspaper other politicalparty religion "
    "showorganization sportsleague sportsteam",
    "other": "astronomything award biologything chemicalthing currency disease educationaldegree god language law "
    "livingthing medical",
    "person": "actor artist/author athlete director other politician scholar soldier",
    "product": "airplane car food game other ship software train weapon",
}
"""The fine types of each coarse one."""
TYPES = frozenset(f"{coarse}-{fine}" for coarse, names in FINE.items() for fine in names.split())


def read_sentences(path: Path, skips: Skips) -> Iterator[Sentence]:
    """Yield the sentences of a file one by one, in constant memory, numbered from 1 (skipped ones count).

    skips : what becomes of a broken sentence, by kind: columns (a line that is not token, tab, tag),
        unknown_type, not_utf8, too_long

    Raises CorpusError naming file, line, value and remedy; always where there is no such file, or no sentence in it.
    """
    number = kept = 0
    for lines in _blocks(path):
        number += 1
        try:
            rows = [_row(path, line, content) for line, content in lines]
            if len(rows) > LONGEST_SENTENCE:
                raise BrokenRecordError(
                    "too_long",
                    f"{path}, line {lines[0][0]}: a sentence of more than {LONGEST_SENTENCE} tokens; "
                    "put a blank line after each sentence",
                )
        except BrokenRecordError as error:
            skips.skip(error)
            continue
        kept += 1
        yield Sentence("", number, tuple(token for token, _ in rows), tuple(_spans([tag for _, tag in rows])))
    if not kept:
        reason = f"all of its {number} sentences were skipped: {skips.counts}" if number else "it is empty"
        raise CorpusError(f"{path} holds no sentence: {reason}; its lines should be token, tab and coarse-fine tag")


def _blocks(path: Path) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the lines between blank lines, with their numbers; of an overlong block no more than is needed to tell."""
    block: list[tuple[int, bytes]] = []
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                while not line.endswith(b"\n") and (more := file.readline(LONGEST_LINE)):
                    line = line[:LONGEST_LINE] + more[-1:]  # too long to be taken, but it ends where it ends
                number += 1
                content = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
                if content:
                    if len(block) <= LONGEST_SENTENCE:
                        block.append((number, line.rstrip(b"\r\n")))
                elif block:
                    yield block
                    block = []
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read: {error.strerror}; name a file in Few-NERD's form, e.g. with entity.path=FILE"
        ) from error
    if block:
        yield block


def _row(path: Path, number: int, line: bytes) -> tuple[str, str]:
    """Return token and tag of a line. Raises BrokenRecordError."""
    where = f"{path}, line {number}"
    if len(line) >= LONGEST_LINE:
        raise BrokenRecordError(
            "too_long", f"{where}: longer than {LONGEST_LINE} bytes; each line should hold one token and its tag"
        )
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise BrokenRecordError(
            "not_utf8", f"{where}: byte {line[error.start]:#04x} is not UTF-8; convert the whole file to UTF-8"
        ) from error
    parts = text.split("\t")
    if len(parts) != 2 or len(parts[0].split()) != 1 or parts[0] != parts[0].strip():
        raise BrokenRecordError(
            "columns", f"{where}: {text[:80]!r} is not a token, a tab and a tag; mend the line, e.g. 'Turing\\tO'"
        )
    token, tag = parts[0], parts[1].strip()
    if tag != OUTSIDE and tag not in TYPES:
        raise BrokenRecordError(
            "unknown_type",
            f"{where}: unknown type {tag[:80]!r} of {token[:80]!r}; it should be {OUTSIDE}, or one of the "
            f"{len(TYPES)} types of Few-NERD, such as 'person-politician'",
        )
    return token, tag


def _spans(tags: list[str]) -> Iterator[Span]:
    start = 0
    for tag, run in groupby(tags):
        end = start + len(list(run))
        if tag != OUTSIDE:
            yield Span(start, end, tag)
        start = end
