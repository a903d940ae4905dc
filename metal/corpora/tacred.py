"""TACRED in its published form: one JSON array of tokenised sentences with a subject, an object and their relation.

Spans are positions of tokens, the last one included. A text is the tokens joined by blanks, a span of a `Fact` its
characters. The array is read piece by piece, so that memory does not grow with the file.

Labels may be replaced by a patch in the form of Re-TACRED, a JSON object of id and label: the published patches
leave out the sentences that their authors removed, and so does the reader.

Source: Zhang et al., "Position-aware Attention and Supervised Data Improve Slot Filling", EMNLP 2017; patches:
Stoica et al., "Re-TACRED: Addressing Shortcomings of the TACRED Dataset", AAAI 2021.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

from metal.corpora import BrokenRecordError, CorpusError, Skips
from metal.corpora.facts import Fact

NO_RELATION = "no_relation"
PERSON_RELATIONS = """
    age alternate_names cause_of_death charges children cities_of_residence city_of_birth city_of_death
    countries_of_residence country_of_birth country_of_death date_of_birth date_of_death employee_of origin other_family
    parents religion schools_attended siblings spouse stateorprovince_of_birth stateorprovince_of_death
    stateorprovinces_of_residence title"""
ORGANIZATION_RELATIONS = """
    alternate_names city_of_headquarters country_of_headquarters dissolved founded founded_by member_of members
    number_of_employees/members parents political/religious_affiliation shareholders stateorprovince_of_headquarters
    subsidiaries top_members/employees website"""
RELATIONS = frozenset(
    [NO_RELATION]
    + [f"per:{name}" for name in PERSON_RELATIONS.split()]
    + [f"org:{name}" for name in ORGANIZATION_RELATIONS.split()]
)
"""The 41 relations, and that there is none."""
PATCHED = frozenset(["per:identity", "org:city_of_branch", "org:country_of_branch", "org:stateorprovince_of_branch"])
"""The relations that Re-TACRED has besides."""

SUBJECT_TYPES = frozenset(["PERSON", "ORGANIZATION"])
_OBJECT_TYPES = """
    CAUSE_OF_DEATH CITY COUNTRY CRIMINAL_CHARGE DATE DURATION IDEOLOGY LOCATION MISC NATIONALITY NUMBER ORGANIZATION
    PERSON RELIGION STATE_OR_PROVINCE TITLE URL"""
OBJECT_TYPES = frozenset(_OBJECT_TYPES.split())
PER_TOKEN = ("stanford_pos", "stanford_ner", "stanford_head", "stanford_deprel")
"""Lists with an entry a token."""

LONGEST_RECORD = 1 << 20
"""Characters; the published sentences have some 3,000."""
CHUNK = 1 << 16


def read_facts(
    path: Path, skips: Skips, counts: Counter[str], *, patch: Mapping[str, str] | None = None
) -> Iterator[Fact]:
    """Yield the sentences of a file one by one, in constant memory but for their ids.

    patch : labels by id that replace the file's own (see `read_patch`); what it does not name is left out, and counted
    skips : what becomes of a broken sentence, by kind: not_utf8, malformed (not of this form), doubled_id, span (out of
        range, inverted, or overlapping), unknown_type, unknown_relation
    counts : gets `facts` and, with a patch, `unpatched`

    Raises CorpusError naming file, record, value and remedy; always where the file is missing, no JSON array, truncated
    or empty.
    """
    ids: dict[str, int] = {}
    number = 0
    for number, record in enumerate(_records(path), start=1):
        try:
            fact = _fact(record, f"{path}, record {number}", patch)
            if fact.id in ids:
                raise BrokenRecordError(
                    "doubled_id",
                    f"{path}, record {number}: id {fact.id!r} stands already in record {ids[fact.id]}; remove one",
                )
            ids[fact.id] = number
        except BrokenRecordError as error:
            skips.skip(error)
            continue
        if patch is not None and fact.id not in patch:
            counts["unpatched"] += 1
            continue
        counts["facts"] += 1
        yield fact
    if not counts["facts"]:
        raise CorpusError(
            f"{path} holds no sentence that can be used: of {number} records, left out were {dict(skips.counts)}"
            + (f" and {counts['unpatched']} that the patch does not name" if patch is not None else "")
            + "; it should be an array of TACRED's records"
        )


def read_patch(path: Path) -> dict[str, str]:
    """Read a patch, a JSON object of id and label. Raises CorpusError for anything else, and for an unknown label."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError(f"the patch {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"the patch {path} is no JSON: {error}; it should be an object of id and label") from error
    if not isinstance(content, dict) or not content:
        raise CorpusError(f"the patch {path} should be a JSON object of id and label, not {str(content)[:80]!r}")
    for identifier, label in content.items():
        if not isinstance(label, str) or label not in RELATIONS | PATCHED:
            raise CorpusError(
                f"the patch {path} gives {identifier!r} the unknown label {str(label)[:80]!r}; "
                f"known are {sorted(RELATIONS | PATCHED)}"
            )
    return content


def _records(path: Path) -> Iterator[Any]:
    """Yield the elements of a JSON array, holding no more of the file than one of them and a chunk."""
    decoder = json.JSONDecoder()
    try:
        # An undecodable byte becomes half a surrogate pair, which the record that holds it is refused for.
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            buffer = _Buffer(path, file)
            if buffer.take() != "[":
                raise buffer.error("it does not begin with [")
            mark = buffer.peek()
            if mark == "]":
                buffer.take()
            while mark != "]":
                if buffer.peek() != "{":
                    raise buffer.error(f"a record should begin with {{, not {buffer.peek()!r}")
                yield buffer.decode(decoder)
                mark = buffer.take()
                if mark not in (",", "]"):
                    raise buffer.error(f"after a record should come a comma or ], not {mark!r}")
            if buffer.peek():
                raise buffer.error(f"after the array comes {buffer.peek()!r}")
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read: {error.strerror}; name a file of TACRED, e.g. with relation.path=train.json"
        ) from error


class _Buffer:
    """What has been read of a file and not been used yet."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        self._text, self._used, self._line = "", 0, 1

    def peek(self) -> str:
        """Return the next character that is no white space; at the end nothing."""
        while True:
            rest = len(self._text) - len(self._text[self._used :].lstrip(" \t\r\n"))
            if rest < len(self._text):
                self._advance(rest)
                return self._text[self._used]
            self._advance(len(self._text))
            if not self._more(CHUNK):
                return ""

    def take(self) -> str:
        """Return that character, and use it."""
        found = self.peek()
        self._advance(self._used + len(found))
        return found

    def decode(self, decoder: json.JSONDecoder) -> Any:
        """Use a JSON object. Raises CorpusError where it is none, truncated, or too long."""
        size = CHUNK
        while True:
            try:
                record, end = decoder.raw_decode(self._text, self._used)
            except RecursionError as error:
                raise self.error("it is nested too deeply") from error
            except ValueError as error:
                # Perhaps the rest of it is still to be read.
                if len(self._text) - self._used > LONGEST_RECORD:
                    raise self.error(f"a record is no JSON, or longer than {LONGEST_RECORD} characters") from error
                if not self._more(size):
                    raise self.error(f"it is truncated, or no JSON: {error}") from error
                size *= 2
            else:
                self._advance(end)
                return record

    def error(self, what: str) -> CorpusError:
        """Return the error that says where the array goes wrong; no record after that can be told."""
        return CorpusError(
            f"{self._path}, line {self._line}: {what}; it should be one JSON array of TACRED's records. Obtain it again"
        )

    def _advance(self, position: int) -> None:
        self._line += self._text.count("\n", self._used, position)
        self._used = position

    def _more(self, size: int) -> bool:
        chunk = self._file.read(size)
        self._text, self._used = self._text[self._used :] + chunk, 0
        return bool(chunk)


def _fact(record: Any, where: str, patch: Mapping[str, str] | None) -> Fact:
    """Turn a record into a fact. Raises BrokenRecordError."""
    identifier = _text(record, "id", where)
    where = f"{where} (id {identifier!r})"
    tokens = record.get("token")
    if not isinstance(tokens, list) or not tokens or not all(isinstance(t, str) and t.strip() for t in tokens):
        raise BrokenRecordError(
            "malformed",
            f"{where}: token should be a list of words, not {str(tokens)[:80]!r}; mend the record",
        )
    try:
        json.dumps([identifier, tokens], ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BrokenRecordError(
            "not_utf8", f"{where}: {error.object[error.start]!r} is no UTF-8; convert the whole file to UTF-8"
        ) from error
    for name in PER_TOKEN:
        values = record.get(name)
        if values is not None and (not isinstance(values, list) or len(values) != len(tokens)):
            raise BrokenRecordError(
                "malformed",
                f"{where}: {name} should have an entry for each of {len(tokens)} tokens; mend the record",
            )
    starts = [0, *accumulate(len(token) + 1 for token in tokens)]
    spans = {}
    for role in ("subj", "obj"):
        first, last = (record.get(f"{role}_{side}") for side in ("start", "end"))
        # In Python True is an int too.
        if type(first) is not int or type(last) is not int or not 0 <= first <= last < len(tokens):
            raise BrokenRecordError(
                "span",
                f"{where}: {role}_start={str(first)[:20]} and {role}_end={str(last)[:20]} should be positions of "
                f"its {len(tokens)} tokens, the end not before the start; mend or remove the record",
            )
        spans[role] = (first, last)
    if spans["subj"][0] <= spans["obj"][1] and spans["obj"][0] <= spans["subj"][1]:
        raise BrokenRecordError("span", f"{where}: subject {spans['subj']} and object {spans['obj']} share a token")
    subject, object_ = ((starts[first], starts[last + 1] - 1) for first, last in (spans["subj"], spans["obj"]))
    relation = _one_of(record, "relation", RELATIONS, "unknown_relation", where)
    return Fact(
        identifier,
        _text(record, "docid", where),
        " ".join(tokens),
        subject,
        object_,
        (patch or {}).get(identifier, relation),
        _one_of(record, "subj_type", SUBJECT_TYPES, "unknown_type", where),
        _one_of(record, "obj_type", OBJECT_TYPES, "unknown_type", where),
    )


def _text(record: Any, key: str, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip() or not _encodable(value):
        raise BrokenRecordError("malformed", f"{where}: {key} should be a text, not {str(value)[:80]!r}; mend it")
    return value


def _encodable(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _one_of(record: Any, key: str, known: frozenset[str], kind: str, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or value not in known:
        raise BrokenRecordError(
            kind, f"{where}: {key} {str(value)[:80]!r} is not known; it should be one of {sorted(known)}"
        )
    return value
