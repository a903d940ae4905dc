"""KnowledgeNet in its published form: one JSON document a line, with annotated passages and the facts that they state.

A fact is a pair of spans, given as character offsets into the document's text, and one of 15 properties, which stands
by name in `humanReadable` ("<Ada> <CHILD_OF> <Byron>"): the numbers of properties differ between releases. A fact's
text is its passage, about a sentence.

Source: Mesquita et al., "KnowledgeNet: A Benchmark Dataset for Knowledge Base Population", EMNLP 2019.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from metal.corpora import BrokenRecordError, CorpusError, Skips
from metal.corpora.facts import Fact

PERSON_RELATIONS = (
    "PLACE_OF_RESIDENCE",
    "PLACE_OF_BIRTH",
    "NATIONALITY",
    "EMPLOYEE_OR_MEMBER_OF",
    "EDUCATED_AT",
    "POLITICAL_AFFILIATION",
    "SPOUSE",
    "CHILD_OF",
    "DATE_OF_BIRTH",
    "DATE_OF_DEATH",
)
ORGANIZATION_RELATIONS = ("HEADQUARTERS", "FOUNDED_BY", "CEO", "DATE_FOUNDED", "SUBSIDIARY_OF")
RELATIONS = PERSON_RELATIONS + ORGANIZATION_RELATIONS

LONGEST_LINE = 1 << 22
"""Bytes; the published documents have some 10 kB."""
DOUBLY_LABELED = "doubly_labeled"

Content = TypeVar("Content", str, int, list[Any], dict[str, Any])


def read_facts(path: Path, skips: Skips, counts: Counter[str]) -> Iterator[Fact]:
    """Yield the facts of a file, a document at a time.

    A pair of spans that a document labels with two relations is left out, and counted as `doubly_labeled`: each such
    fact would contradict the other.

    skips : what becomes of a broken document or fact, by kind: not_utf8, malformed (no JSON, or not of this form),
        too_long, doubled_id, span (out of range, inverted, outside its passage), text (not what stands at its offsets),
        unknown_relation
    counts : gets `documents`, `facts` and `doubly_labeled`

    Raises CorpusError naming file, line, value and remedy; always where there is no such file, or no fact in it.
    """
    documents: dict[str, int] = {}
    for number, line in _lines(path):
        where = f"{path}, line {number}"
        try:
            document = _document(line, where)
            name = _get(document, "documentId", str, where)
            if name in documents:
                raise BrokenRecordError(
                    "doubled_id", f"{where}: document {name!r} stands already in line {documents[name]}; remove one"
                )
            documents[name] = number
            text = _get(document, "documentText", str, where)
            passages = _get(document, "passages", list, where)
        except BrokenRecordError as error:
            skips.skip(error)
            continue
        counts["documents"] += 1
        facts: dict[str, Fact] = {}
        for passage in passages:
            try:
                _add_facts(passage, name, text, where, skips, facts)
            except BrokenRecordError as error:
                skips.skip(error)
        yield from _singly_labeled(facts.values(), counts)
    if not counts["facts"]:
        raise CorpusError(
            f"{path} states no fact: it has {len(documents)} documents, and left out were {dict(skips.counts)}; a line "
            "should be a JSON document with passages that have facts"
        )


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers; of an overlong one no more than is needed to tell."""
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                end = line
                while not end.endswith(b"\n") and (end := file.readline(LONGEST_LINE)):
                    pass
                content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if content.strip():
                    yield number, content
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read: {error.strerror}; name a file of KnowledgeNet, e.g. with relation.path=train.json"
        ) from error


def _document(line: bytes, where: str) -> dict[str, Any]:
    """Return a line's JSON object. Raises BrokenRecordError."""
    if len(line) > LONGEST_LINE:
        raise BrokenRecordError(
            "too_long", f"{where}: longer than {LONGEST_LINE} bytes; each line should hold one document"
        )
    try:
        document = json.loads(line.decode("utf-8"))
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except UnicodeDecodeError as error:
        raise BrokenRecordError(
            "not_utf8", f"{where}: byte {line[error.start]:#04x} is not UTF-8; convert the whole file to UTF-8"
        ) from error
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise BrokenRecordError("not_utf8", f"{where}: {half!r} is half a character; mend the text") from error
    except (ValueError, RecursionError) as error:
        raise BrokenRecordError("malformed", f"{where}: no JSON: {error}; each line should be one document") from error
    if not isinstance(document, dict):
        raise BrokenRecordError("malformed", f"{where}: {str(document)[:80]!r} is no JSON object; {_FORM}")
    return document


_FORM = "a document has documentId, documentText and passages"


def _get(record: Any, key: str, kind: type[Content], where: str) -> Content:
    """Return an entry of a JSON object. Raises BrokenRecordError where it is missing or of another type."""
    value = record.get(key) if isinstance(record, dict) else None
    # In Python True is an int too.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BrokenRecordError(
            "malformed", f"{where}: {key} should be {_KINDS[kind]}, not {str(value)[:80]!r}; mend or remove the record"
        )
    return value


_KINDS: dict[type, str] = {str: "a text", int: "a whole number", list: "a list", dict: "an object"}


def _add_facts(passage: Any, document: str, text: str, where: str, skips: Skips, facts: dict[str, Fact]) -> None:
    """Put the facts of a passage among those of its document, by the corpus's ids."""
    start, end = _span(passage, "passage", (0, len(text)), where)
    _agrees(text[start:end], _get(passage, "passageText", str, where), f"{where}: passageText")
    for content in _get(passage, "facts", list, where):
        try:
            name = _get(content, "factId", str, where)
            fact = _fact(content, document, text, (start, end), f"{where}, fact {name!r}")
            if name in facts:
                raise BrokenRecordError("doubled_id", f"{where}: fact {name!r} stands there twice; remove one")
            facts[name] = fact
        except BrokenRecordError as error:
            skips.skip(error)


def _fact(content: Any, document: str, text: str, passage: tuple[int, int], where: str) -> Fact:
    spans, texts = [], []
    for role in ("subject", "object"):
        start, end = _span(content, role, passage, where)
        texts.append(_get(content, f"{role}Text", str, where))
        _agrees(text[start:end], texts[-1], f"{where}: {role}Text")
        spans.append((start, end))
    subject, object_ = spans
    if subject[0] < object_[1] and object_[0] < subject[1]:
        raise BrokenRecordError("span", f"{where}: subject {subject} and object {object_} overlap; mend the offsets")
    readable = _get(content, "humanReadable", str, where)
    relation = readable.removeprefix(f"<{texts[0]}> <").removesuffix(f"> <{texts[1]}>")
    if relation not in RELATIONS:
        raise BrokenRecordError(
            "unknown_relation",
            f"{where}: humanReadable {readable[:200]!r} should be '<{texts[0]}> <RELATION> <{texts[1]}>' with one of "
            f"{list(RELATIONS)}; mend or remove the fact",
        )
    # Not the corpus's id, which tells the relation.
    identifier = ":".join(map(str, (document, *subject, *object_)))
    shifted = [(start - passage[0], end - passage[0]) for start, end in spans]
    return Fact(identifier, document, text[slice(*passage)], shifted[0], shifted[1], relation)


def _span(record: Any, role: str, inside: tuple[int, int], where: str) -> tuple[int, int]:
    """Return a span by its role. Raises BrokenRecordError where it is empty, inverted, or not inside another."""
    start, end = (_get(record, f"{role}{side}", int, where) for side in ("Start", "End"))
    if not inside[0] <= start < end <= inside[1]:
        raise BrokenRecordError(
            "span",
            f"{where}: {role} [{start}, {end}) is empty, inverted, or not inside [{inside[0]}, {inside[1]}); "
            "mend the offsets, which count characters of documentText",
        )
    return start, end


def _agrees(found: str, said: str, where: str) -> None:
    if found != said:
        raise BrokenRecordError(
            "text", f"{where} is {said[:80]!r}, but at its offsets stands {found[:80]!r}; mend the offsets"
        )


def _singly_labeled(facts: Iterable[Fact], counts: Counter[str]) -> Iterator[Fact]:
    """Yield the facts whose pair of spans has one relation, a fact that is stated twice once; count the others."""
    by_spans: dict[str, list[Fact]] = {}
    for fact in facts:
        by_spans.setdefault(fact.id, []).append(fact)
    for same in by_spans.values():
        if len({fact.relation for fact in same}) > 1:
            counts[DOUBLY_LABELED] += 1
        else:
            counts["facts"] += 1
            yield same[0]
