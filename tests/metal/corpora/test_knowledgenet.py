"""KnowledgeNet's form: what is read of documents invented for the purpose, and what becomes of broken ones."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metal.corpora import CorpusError, Skips
from metal.corpora.facts import Fact
from metal.corpora.knowledgenet import read_facts

TEXT = "Zelda Quint was born in Übach.    She runs Quintco, which she founded."
PUBLISHED = Path(__file__).parents[4] / "shared" / "corpora" / "knowledgenet" / "train.json"


def fact(subject: str, relation: str, object_: str, **changes: Any) -> dict[str, Any]:
    """A fact of TEXT, by the words that stand there once."""
    start, other = TEXT.index(subject), TEXT.index(object_)
    content = {
        "factId": f"7:{start}:{other}:{relation}",
        "propertyId": "3",
        "humanReadable": f"<{subject}> <{relation}> <{object_}>",
        "subjectStart": start,
        "subjectEnd": start + len(subject),
        "subjectText": subject,
        "subjectUri": "",
        "objectStart": other,
        "objectEnd": other + len(object_),
        "objectText": object_,
        "objectUri": "",
    }
    return {**content, **changes}


def document(*facts: dict[str, Any], passage: tuple[int, int] = (0, 30), **changes: Any) -> dict[str, Any]:
    first = {"passageId": "1", "passageStart": passage[0], "passageEnd": passage[1], "facts": list(facts)}
    content = {"fold": 1, "documentId": "7", "source": "", "documentText": TEXT}
    return {**content, "passages": [{**first, "passageText": TEXT[slice(*passage)]}], **changes}


BORN = fact("Zelda Quint", "PLACE_OF_BIRTH", "Übach")


def read(path: Path, *documents: Any, on_error: str = "raise") -> tuple[list[Fact], Skips, Counter[str]]:
    lines = [content if isinstance(content, bytes) else json.dumps(content).encode() for content in documents]
    path.write_bytes(b"\n".join(lines))
    skips, counts = Skips(on_error), Counter[str]()
    return list(read_facts(path, skips, counts)), skips, counts


def test_offsets_count_characters_and_are_shifted_to_the_passage(tmp_path: Path) -> None:
    chief = fact("Quintco", "CEO", "She")
    facts, _, counts = read(tmp_path / "x.json", document(BORN), document(chief, passage=(34, 70), documentId="8"))

    assert facts == [
        Fact("7:0:11:24:29", "7", "Zelda Quint was born in Übach.", (0, 11), (24, 29), "PLACE_OF_BIRTH"),
        Fact("8:43:50:34:37", "8", "She runs Quintco, which she founded.", (9, 16), (0, 3), "CEO"),
    ]
    assert counts == {"documents": 2, "facts": 2}


def test_ids_do_not_tell_the_relation(tmp_path: Path) -> None:
    (one,), _, _ = read(tmp_path / "x.json", document(BORN))
    other = fact("Zelda Quint", "PLACE_OF_RESIDENCE", "Übach")
    (two,), _, _ = read(tmp_path / "x.json", document(other))

    assert (one.id, one.relation != two.relation) == (two.id, True)


def test_pairs_with_two_relations_are_dropped_with_a_count(tmp_path: Path) -> None:
    passage = (34, 70)
    chief, founder = fact("Quintco", "CEO", "She"), fact("Quintco", "FOUNDED_BY", "She")
    other = fact("Quintco", "FOUNDED_BY", "she founded")
    facts, _, counts = read(tmp_path / "x.json", document(chief, founder, other, passage=passage))

    assert [found.relation for found in facts] == ["FOUNDED_BY"]
    assert counts == {"documents": 1, "facts": 1, "doubly_labeled": 1}


def test_a_fact_that_is_stated_twice_counts_once(tmp_path: Path) -> None:
    facts, _, counts = read(tmp_path / "x.json", document(BORN, {**BORN, "factId": "again"}))

    assert (len(facts), counts["doubly_labeled"]) == (1, 0)


BROKEN = {
    # kind: (lines, what the error says besides the line)
    "not_utf8": (b'{"documentId": "\xff"}', r"byte 0xff is not UTF-8; convert"),
    "not_utf8 ": (b'{"documentId": "\\ud800"}', r"is half a character"),
    "malformed": (b"{", "no JSON"),
    "malformed  ": (b"[" * 100_000, "no JSON"),
    "malformed   ": (b"[1]", r"'\[1\]' is no JSON object"),
    "malformed    ": (document(BORN, documentText=None), "documentText should be a text, not 'None'"),
    "malformed     ": (document({**BORN, "subjectStart": True}), "subjectStart should be a whole number, not 'True'"),
    "malformed      ": (document(passages=["x"]), "passageStart should be a whole number, not 'None'"),
    "too_long": (b'"' + b"x" * (1 << 22) + b'"', "longer than 4194304 bytes"),
    "span": (document({**BORN, "subjectEnd": 0}), r"subject \[0, 0\) is empty, inverted"),
    "span ": (document({**BORN, "objectStart": 29, "objectEnd": 24}), r"object \[29, 24\) is empty, inverted"),
    "span  ": (document({**BORN, "objectEnd": 31}), r"object \[24, 31\) is .* not inside \[0, 30\)"),
    "span   ": (document(BORN, passage=(0, 900)), r"passage \[0, 900\) is .* not inside \[0, 70\)"),
    "span    ": (
        document({**BORN, "objectStart": 6, "objectEnd": 11, "objectText": "Quint"}),
        r"subject \(0, 11\) and object \(6, 11\) overlap",
    ),
    "text": (document({**BORN, "objectText": "Ubach"}), "objectText is 'Ubach', but at its offsets stands 'Übach'"),
    "unknown_relation": (
        document({**BORN, "humanReadable": "<Zelda Quint> <BIRTH> <Übach>"}),
        r"humanReadable '<Zelda Quint> <BIRTH> <Übach>' should be '<Zelda Quint> <RELATION> <Übach>' with one of",
    ),
    "doubled_id": (document(BORN, BORN), "fact .* stands there twice"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    broken, said = BROKEN[kind]

    with pytest.raises(CorpusError, match=rf"x\.json, line 2.*{said}.*corpus\.on_error=skip"):
        read(tmp_path / "x.json", document(BORN, documentId="1"), broken)


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_counted_where_it_may_be_skipped(tmp_path: Path, kind: str) -> None:
    good = document(BORN, documentId="1"), document(BORN, documentId="2")
    facts, skips, _ = read(tmp_path / "x.json", good[0], BROKEN[kind][0], good[1], on_error="skip")

    assert skips.counts == {kind.strip(): 1}
    assert {"1", "2"} <= {found.document for found in facts}


def test_a_document_that_comes_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"line 3: document '7' stands already in line 1"):
        read(tmp_path / "x.json", document(BORN), b"", document(BORN))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"{}"])
def test_a_file_without_facts_is_refused_even_where_records_are_skipped(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CorpusError, match=r"x\.json states no fact"):
        read(tmp_path / "x.json", content, on_error="skip")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.json cannot be read: No such file"):
        list(read_facts(tmp_path / "none.json", Skips("raise"), Counter()))


def test_a_byte_order_mark_and_line_ends_of_windows_do_not_matter(tmp_path: Path) -> None:
    facts, _, _ = read(tmp_path / "x.json", b"\xef\xbb\xbf" + json.dumps(document(BORN)).encode() + b"\r")

    assert len(facts) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*BORN, *document(), "facts"]), inner),
    max_leaves=9,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([*BORN]), value=JSON, other=st.sampled_from([*document()]), more=JSON, raw=st.binary())
def test_no_content_is_answered_but_by_facts_or_the_named_error(
    tmp_path: Path, key: str, value: Any, other: str, more: Any, raw: bytes
) -> None:
    documents = [document({**BORN, key: value}), document(BORN, **{other: more}), raw, document(BORN, documentId="9")]
    facts, skips, _ = read(tmp_path / "x.json", *documents, on_error="skip")

    assert facts
    for found in facts:
        assert found.text[slice(*found.subject)]
        assert found.text[slice(*found.object)]
    if skips.counts:
        with pytest.raises(CorpusError):
            read(tmp_path / "x.json", *documents)


def test_the_published_file_is_read_whole() -> None:
    path = Path(os.environ.get("METAL_KNOWLEDGENET", PUBLISHED))
    if not path.is_file():
        pytest.skip(f"no KnowledgeNet at {path}; name its train.json in METAL_KNOWLEDGENET")
    counts = Counter[str]()

    # 8,187 facts, 84 pairs of them with two relations.
    assert sum(1 for _ in read_facts(path, Skips("raise"), counts)) == 8187 - 2 * 84
    assert counts == {"documents": 2955, "facts": 8019, "doubly_labeled": 84}
