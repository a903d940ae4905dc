"""TACRED's form: what is read of records invented for the purpose, and what becomes of broken ones."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metal.corpora import CorpusError, Skips
from metal.corpora.facts import Fact
from metal.corpora.tacred import OBJECT_TYPES, RELATIONS, read_facts, read_patch

TOKENS = ["Zelda", "Quint", "works", "for", "Übach", "Ltd", "."]


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    content = {
        "id": f"e{number}",
        "docid": "d1",
        "relation": "per:employee_of",
        "token": TOKENS,
        "subj_start": 0,
        "subj_end": 1,
        "obj_start": 4,
        "obj_end": 5,
        "subj_type": "PERSON",
        "obj_type": "ORGANIZATION",
        **{name: ["x"] * 7 for name in ("stanford_pos", "stanford_ner", "stanford_deprel")},
        "stanford_head": [1] * 7,
    }
    return {**content, **changes}


def read(path: Path, content: Any, on_error: str = "raise", **options: Any) -> tuple[list[Fact], Skips, Counter[str]]:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    skips, counts = Skips(on_error), Counter[str]()
    return list(read_facts(path, skips, counts, **options)), skips, counts


def test_the_ends_of_spans_belong_to_them(tmp_path: Path) -> None:
    (fact,), _, counts = read(tmp_path / "x.json", [record()])

    assert fact == Fact(
        "e1", "d1", "Zelda Quint works for Übach Ltd .", (0, 11), (22, 31), "per:employee_of", "PERSON", "ORGANIZATION"
    )
    assert (fact.text[slice(*fact.subject)], fact.text[slice(*fact.object)]) == ("Zelda Quint", "Übach Ltd")
    assert counts == {"facts": 1}


def test_there_are_41_relations_and_none() -> None:
    assert len(RELATIONS) == 42
    assert len(OBJECT_TYPES) == 17


def test_a_patch_replaces_labels_and_leaves_out_what_it_does_not_name(tmp_path: Path) -> None:
    (tmp_path / "patch.json").write_text('{"e2": "no_relation", "e9": "per:identity"}')
    patch = read_patch(tmp_path / "patch.json")
    facts, _, counts = read(tmp_path / "x.json", [record(1), record(2)], patch=patch)

    assert [(fact.id, fact.relation) for fact in facts] == [("e2", "no_relation")]
    assert counts == {"facts": 1, "unpatched": 1}


@pytest.mark.parametrize(
    ("content", "said"), [("{", "is no JSON"), ("[]", "should be a JSON object"), ('{"e": "x"}', "unknown label 'x'")]
)
def test_a_wrong_patch_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "patch.json").write_text(content)

    with pytest.raises(CorpusError, match=rf"patch\.json.*{said}"):
        read_patch(tmp_path / "patch.json")


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_the_size_of_chunks_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr("metal.corpora.tacred.CHUNK", chunk)
    content = json.dumps([record(1), record(2), record(3)], indent=1).encode()

    facts, _, _ = read(tmp_path / "x.json", b"\xef\xbb\xbf \n" + content + b"\n\n")

    assert [fact.id for fact in facts] == ["e1", "e2", "e3"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(records: int) -> int:
        padded = {"padding": "x" * 2000}
        (tmp_path / "x.json").write_text(json.dumps([record(number) | padded for number in range(records)]))
        tracemalloc.start()
        for _ in read_facts(tmp_path / "x.json", Skips("raise"), Counter()):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    # 1,000 records more are 2.4 MB more of file; of these, their ids are kept.
    assert peak(2000) - peak(1000) < 400_000


BROKEN: dict[str, tuple[Any, str]] = {
    "malformed": (record(id=3), "id should be a text, not '3'"),
    "malformed ": (record(token=[]), r"token should be a list of words, not '\[\]'"),
    "malformed  ": (record(stanford_ner=["O"]), "stanford_ner should have an entry for each of 7 tokens"),
    "not_utf8": (record(token=["\udcff", *TOKENS[1:]]), r"no UTF-8; convert"),
    "span": (record(subj_end=-1), "subj_start=0 and subj_end=-1 should be positions of its 7 tokens"),
    "span ": (record(obj_end=7), "obj_start=4 and obj_end=7 should be"),
    "span  ": (record(obj_start=True), "obj_start=True"),
    "span   ": (record(obj_start=1), r"subject \(0, 1\) and object \(1, 5\) share a token"),
    "unknown_type": (record(subj_type="CITY"), r"subj_type 'CITY' is not known; .*\['ORGANIZATION', 'PERSON'\]"),
    "unknown_type ": (record(obj_type=None), "obj_type 'None' is not known"),
    "unknown_relation": (record(relation="per:friend"), "relation 'per:friend' is not known"),
    "doubled_id": (record(0), "id 'e0' stands already in record 1"),
}


def surrogates(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", errors="surrogateescape")


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_named_with_its_record(tmp_path: Path, kind: str) -> None:
    broken, said = BROKEN[kind]

    with pytest.raises(CorpusError, match=rf"x\.json, record 2.*{said}.*corpus\.on_error=skip"):
        read(tmp_path / "x.json", surrogates([record(0), broken]))


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_counted_where_it_may_be_skipped(tmp_path: Path, kind: str) -> None:
    facts, skips, _ = read(tmp_path / "x.json", surrogates([record(0), BROKEN[kind][0], record(2)]), "skip")

    assert [fact.id for fact in facts] == ["e0", "e2"]
    assert skips.counts == {kind.strip(): 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"line 1: it does not begin with \["),
        (b"{}", r"it does not begin with \["),
        (b"[1]", r"a record should begin with \{, not '1'"),
        (b"[\n{}\n{}]", r"line 3: after a record should come a comma or \], not '\{'"),
        (b'[{"id"', "it is truncated, or no JSON"),
        (b"[{}", r"after a record should come a comma or \], not ''"),
        (b"[]]", r"after the array comes '\]'"),
        (b"[" + b'{"a":' * 100_000, "nested too deeply|truncated"),
        (b'[{"a" 1' + b" " * 3_000_000, "no JSON, or longer than 1048576 characters"),
        (b"[]", "holds no sentence that can be used: of 0 records"),
    ],
)
def test_what_is_no_array_is_refused_even_where_records_are_skipped(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(CorpusError, match=rf"x\.json.*({said})"):
        read(tmp_path / "x.json", content, "skip")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.json cannot be read: No such file"):
        list(read_facts(tmp_path / "none.json", Skips("raise"), Counter()))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=9,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*record()]), JSON, st.integers(0, 400), st.integers(0, 400), st.binary(max_size=5))
def test_no_content_is_answered_but_by_facts_or_the_named_error(
    tmp_path: Path, key: str, value: Any, start: int, end: int, raw: bytes
) -> None:
    facts, _, _ = read(tmp_path / "x.json", json.dumps([record(1, **{key: value}), record(2)]).encode(), "skip")
    assert "e2" in [fact.id for fact in facts]

    whole = json.dumps([record(1), record(2)]).encode()
    with suppress(CorpusError):
        read(tmp_path / "x.json", whole[:start] + raw + whole[end:], "skip")
