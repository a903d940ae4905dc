"""OntoNotes: the `.name` files of release 5.0 and CoNLL-2012's `*_gold_conll`, a sentence at a time.

A `.name` file has a document in `<DOC DOCNO="...">`, a sentence a line, and names in ENAMEX tags with a TYPE; S_OFF and
E_OFF count the characters of the first and last token that are outside of the name. A CoNLL file has a token a line in
columns, names in the eleventh ("(ORG*", "*", "*)"), and a blank line after each sentence.

Source: Weischedel et al., OntoNotes Release 5.0, LDC2013T19; Pradhan et al., "CoNLL-2012 Shared Task", 2012.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from metal.corpora import BrokenRecordError, CorpusError, Skips
from metal.corpora.mentions import Sentence, Span

TYPES = frozenset(
    [
        *("PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"),
        *("DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"),
    ]
)
"""The 18 types of names and values."""
PATTERNS = ("*.name", "*_gold_conll")
LONGEST_LINE = 1 << 18
"""Bytes; the longest published sentences have some thousand."""
FEWEST_COLUMNS = 12
"""Of a CoNLL line; more stand between the names and the last where the sentence has predicates."""
WORD, NAME = 3, 10
TAG = re.compile(r"<(/?)ENAMEX\b([^<>]*)>")
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
DOCUMENT = re.compile(r'<DOC\s+DOCNO="([^"]*)"[^<>]*>')
BEGIN = re.compile(r"#begin document \((.*?)\);? *(?:part (\d+))?")
ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "-AMP-": "&", "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]"}
BRACKETS = re.compile(r"\((\w+)|\*|\)")


def annotation_files(path: Path) -> list[Path]:
    """Return the files to read: the path, or in a folder, at any depth, its .name files, or else its CoNLL files.

    Raises CorpusError where there is none.
    """
    if not path.is_dir():
        return [path]
    for pattern in PATTERNS:
        if found := sorted(path.rglob(pattern)):
            return found
    raise CorpusError(
        f"{path} holds no file named like {' or '.join(PATTERNS)}; name the folder of OntoNotes' annotations"
    )


def read_sentences(path: Path, skips: Skips) -> Iterator[Sentence]:
    """Yield the sentences of a file, or of all files of a folder (see `annotation_files`).

    skips : what becomes of a broken sentence, by kind: not_utf8, too_long, unbalanced_tag, unknown_type, columns,
        no_document (a sentence before any document begins), doubled_id (a document that was read already)

    Raises CorpusError naming file, line, value and remedy; always where a file cannot be read, or no sentence is kept.
    """
    documents: dict[str, str] = {}
    kept = 0
    for file in annotation_files(path):
        parse = _conll if file.name.endswith("conll") else _names
        for sentence in parse(file, skips, documents):
            kept += 1
            yield sentence
    if not kept:
        raise CorpusError(f"{path} holds no sentence of a document; skipped: {skips.counts or 'none'}")


def _names(file: Path, skips: Skips, documents: dict[str, str]) -> Iterator[Sentence]:
    document, number = "", 0
    for where, text in _lines(file, skips):
        begun = DOCUMENT.fullmatch(text.strip())
        try:
            if begun:
                document, number = "", 0
                document = _begin(begun[1], where, documents)
            elif text.strip() == "</DOC>":
                document = ""
            elif text.strip():
                number += 1
                yield Sentence(_in_document(document, where), number, *_tagged(text, where))
        except BrokenRecordError as error:
            skips.skip(error)


def _conll(file: Path, skips: Skips, documents: dict[str, str]) -> Iterator[Sentence]:
    document, number = "", 0
    rows: list[tuple[str, str, str]] = []  # place, word, name column
    width, broken = 0, False
    for where, text in _ended(file, skips):
        begun = BEGIN.match(text)
        between = begun is not None or text.startswith("#") or not text.strip()
        try:
            if between:
                number += bool(rows) or broken
                ended, rows, width, broken = rows, [], 0, False
                if ended:
                    tokens = tuple(ESCAPES.get(word, word) for _, word, _ in ended)
                    yield Sentence(_in_document(document, ended[0][0]), number, tokens, _bracketed(ended))
                if begun:
                    document, number = "", 0
                    document = _begin(f"{begun[1]};{int(begun[2] or 0)}", where, documents)
            elif not broken:
                columns = text.split()
                width = width or len(columns)
                if len(columns) != width or width < FEWEST_COLUMNS:
                    raise BrokenRecordError(
                        "columns",
                        f"{where}: {len(columns)} columns, expected {max(width, FEWEST_COLUMNS)} as in the sentence's "
                        "first line; mend the line",
                    )
                if columns[WORD] == "[WORD]":
                    raise BrokenRecordError(
                        "columns",
                        f"{where}: no word but [WORD]; fill the skeletons in with CoNLL-2012's skeleton2conll",
                    )
                rows.append((where, columns[WORD], columns[NAME]))
        except BrokenRecordError as error:
            skips.skip(error)
            rows, broken = [], not between  # of a broken sentence the other lines are passed over


def _ended(file: Path, skips: Skips) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file and a blank one, so that the last sentence ends too."""
    yield from _lines(file, skips)
    yield f"{file}, at its end", ""


def _lines(file: Path, skips: Skips) -> Iterator[tuple[str, str]]:
    """Yield place and text of each line."""
    number = 0
    try:
        with file.open("rb") as stream:
            while line := stream.readline(LONGEST_LINE):
                while not line.endswith(b"\n") and (more := stream.readline(LONGEST_LINE)):
                    line = line[:LONGEST_LINE] + more[-1:]
                number += 1
                where = f"{file}, line {number}"
                try:
                    if len(line) >= LONGEST_LINE:
                        raise BrokenRecordError("too_long", f"{where}: longer than {LONGEST_LINE} bytes; break it up")
                    text = line.rstrip(b"\r\n").decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    byte = f"{line[error.start]:#04x}"
                    skips.skip(BrokenRecordError("not_utf8", f"{where}: byte {byte} is not UTF-8; convert it to UTF-8"))
                except BrokenRecordError as error:
                    skips.skip(error)
                else:
                    yield where, text
    except OSError as error:
        raise CorpusError(f"{file} cannot be read: {error.strerror}; name OntoNotes' folder or a file of it") from error


def _begin(name: str, where: str, documents: dict[str, str]) -> str:
    if name in documents:
        raise BrokenRecordError(
            "doubled_id", f"{where}: document {name!r} stands already at {documents[name]}; remove one of the two"
        )
    documents[name] = where
    return name


def _in_document(document: str, where: str) -> str:
    if not document:
        raise BrokenRecordError("no_document", f"{where}: a sentence outside of any document; mend the file's heading")
    return document


def _tagged(text: str, where: str) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Return tokens and names of a line with ENAMEX tags. Raises BrokenRecordError."""
    tokens: list[str] = []
    spans: list[Span] = []
    opened: tuple[int, dict[str, str]] | None = None
    position = 0
    for tag in [*TAG.finditer(text), None]:
        between = text[position : tag.start() if tag else len(text)]
        if "<" in between:
            raise BrokenRecordError("unbalanced_tag", f"{where}: {between.strip()[:80]!r} holds a tag that is none")
        tokens += [ESCAPES.get(word, re.sub("&(?:lt|gt|amp);", _unescaped, word)) for word in between.split()]
        if tag is None:
            break
        position = tag.end()
        if tag[1] and opened is not None and len(tokens) > opened[0]:
            spans.append(_span(tokens, *opened, where))
            opened = None
        elif tag[1] or opened is not None:
            problem = "closes no name, or an empty one" if tag[1] else "opens a name in a name"
            raise BrokenRecordError("unbalanced_tag", f"{where}: {tag[0]!r} {problem}; mend the tags of the line")
        else:
            opened = len(tokens), dict(ATTRIBUTE.findall(tag[2]))
            _known(opened[1].get("TYPE", ""), where)
    if opened is not None:
        raise BrokenRecordError("unbalanced_tag", f"{where}: the last <ENAMEX ...> is never closed; mend the line")
    return tuple(tokens), tuple(spans)


def _unescaped(found: re.Match[str]) -> str:
    return ESCAPES[found[0]]


def _span(tokens: list[str], start: int, attributes: dict[str, str], where: str) -> Span:
    """Return a name from `start` to the last token, after cutting what its offsets leave out into tokens of its own."""
    try:
        before, after = int(attributes.get("S_OFF", 0)), int(attributes.get("E_OFF", 0))
    except ValueError:
        before = after = -1
    alone = len(tokens) - start == 1
    if before < 0 or after < 0 or before + (after if alone else 0) >= len(tokens[start]) or after >= len(tokens[-1]):
        raise BrokenRecordError(
            "unbalanced_tag", f"{where}: S_OFF and E_OFF of {' '.join(tokens[start:])[:80]!r} do not lie within it"
        )
    end = len(tokens)
    if after:
        tokens[-1:] = [tokens[-1][:-after], tokens[-1][-after:]]
    if before:
        tokens[start : start + 1] = [tokens[start][:before], tokens[start][before:]]
        start, end = start + 1, end + 1
    return Span(start, end, attributes["TYPE"])


def _known(kind: str, where: str) -> str:
    if kind not in TYPES:
        raise BrokenRecordError(
            "unknown_type", f"{where}: unknown type {kind[:80]!r} of a name; the types are {', '.join(sorted(TYPES))}"
        )
    return kind


def _bracketed(rows: list[tuple[str, str, str]]) -> tuple[Span, ...]:
    """Return the names of a CoNLL sentence from rows of place, word and name column. Raises BrokenRecordError."""
    spans: list[Span] = []
    opened: tuple[int, str] | None = None
    for position, (where, _, column) in enumerate(rows):
        parts = list(BRACKETS.finditer(column))
        if "".join(part[0] for part in parts) != column:
            raise BrokenRecordError(
                "columns", f"{where}: {column[:80]!r} is no column of names, e.g. '(ORG*', '*', '*)'"
            )
        for part in parts:
            if part[1]:
                if opened is not None:
                    raise BrokenRecordError("unbalanced_tag", f"{where}: {column!r} opens a name in a name; mend it")
                opened = position, _known(part[1], where)
            elif part[0] == ")":
                if opened is None:
                    raise BrokenRecordError("unbalanced_tag", f"{where}: {column!r} closes no name; mend the column")
                spans.append(Span(opened[0], position + 1, opened[1]))
                opened = None
    if opened is not None:
        raise BrokenRecordError("unbalanced_tag", f"{rows[opened[0]][0]}: the name that begins here is never closed")
    return tuple(spans)
