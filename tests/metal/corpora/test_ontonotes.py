"""OntoNotes' readers on invented sentences in the published formats."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.corpora import CorpusError, Skips
from metal.corpora.fine_types import FineTypes
from metal.corpora.mentions import Sentence, Span
from metal.corpora.ontonotes import read_sentences

NAMES = """\
<DOC DOCNO="nw/invented/00/invented_0001@0001@invented@nw@en@on">
<ENAMEX TYPE="PERSON">Ada Quill</ENAMEX> joined <ENAMEX TYPE="ORG">Quillworks &amp; Sons</ENAMEX> -LRB- again -RRB- .
It rained .
<ENAMEX TYPE="PERSON" E_OFF="2">Quill's</ENAMEX> hat , pre-<ENAMEX TYPE="DATE">May</ENAMEX> .
</DOC>
"""
CONLL = """\
#begin document (nw/invented/00/invented_0001); part 000
nw/invented 0 0 Ada NNP (TOP(S(NP* - - - - (PERSON* (ARG0* (1
nw/invented 0 1 Quill NNP *) - - - - *) *) 1)
nw/invented 0 2 joined VBD (VP* join 01 1 - * (V*) -
nw/invented 0 3 Quillworks NNP (NP*) - - - - (ORG) (ARG1*) -
nw/invented 0 4 -LRB- . *)) - - - - * * -

nw/invented 0 0 Rain NN (TOP(NP*)) - - - - * -

#end document
"""
FINE: dict[str, Any] = {
    "tokens": ["Ada", "Quill", "joined", "Quillworks", "&", "Sons", "-LRB-", "again", "-RRB-", "."],
    "mentions": [
        {"start": 0, "end": 2, "labels": ["/person", "/person/business"]},
        {"start": 3, "end": 6, "labels": ["/organization", "/organization/company"]},
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "invented.name"


def read(path: Path, on_error: str = "raise") -> tuple[list[Sentence], dict[str, int]]:
    skips = Skips(on_error)
    return list(read_sentences(path, skips)), skips.counts


def test_names_are_read_out_of_their_tags(file: Path) -> None:
    file.write_text(NAMES)

    first, second, third = read(file)[0]

    assert first.document == "nw/invented/00/invented_0001@0001@invented@nw@en@on"
    assert first.tokens == ("Ada", "Quill", "joined", "Quillworks", "&", "Sons", "(", "again", ")", ".")
    assert first.spans == (Span(0, 2, "PERSON"), Span(3, 6, "ORG"))
    assert (second.number, second.spans) == (2, ())
    # The characters that E_OFF counts are no part of the name.
    assert third.tokens == ("Quill", "'s", "hat", ",", "pre-", "May", ".")
    assert third.spans == (Span(0, 1, "PERSON"), Span(5, 6, "DATE"))


def test_names_are_read_out_of_their_column(tmp_path: Path) -> None:
    file = tmp_path / "invented.v4_gold_conll"
    file.write_text(CONLL)

    first, second = read(file)[0]

    assert first == Sentence(
        "nw/invented/00/invented_0001;0",
        1,
        ("Ada", "Quill", "joined", "Quillworks", "("),
        (Span(0, 2, "PERSON"), Span(3, 4, "ORG")),
    )
    assert (second.number, second.tokens, second.spans) == (2, ("Rain",), ())


def test_of_a_folder_the_files_are_read_in_order_at_any_depth(tmp_path: Path) -> None:
    for number in (2, 1):
        folder = tmp_path / "bn" / str(number)
        folder.mkdir(parents=True)
        (folder / "x.name").write_text(f'<DOC DOCNO="{number}">\nIt rained .\n</DOC>\n')
        (folder / "x_gold_conll").write_text("not read beside .name files")

    assert [sentence.document for sentence in read(tmp_path)[0]] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ('<ENAMEX TYPE="ORG">Quill .', "unbalanced_tag", "line 3: the last <ENAMEX ...> is never closed"),
        ("Quill</ENAMEX> .", "unbalanced_tag", "line 3: '</ENAMEX>' closes no name"),
        ('<ENAMEX TYPE="ORG"></ENAMEX> .', "unbalanced_tag", "line 3: '</ENAMEX>' closes no name, or an empty one"),
        (
            '<ENAMEX TYPE="ORG">a <ENAMEX TYPE="GPE">b</ENAMEX></ENAMEX>',
            "unbalanced_tag",
            "line 3: .* opens a name in a name",
        ),
        ("<NUMEX>5</NUMEX> .", "unbalanced_tag", "line 3: .* holds a tag that is none"),
        ('<ENAMEX TYPE="WIZARD">Quill</ENAMEX>', "unknown_type", "line 3: unknown type 'WIZARD' of a name; the types"),
        ("<ENAMEX>Quill</ENAMEX>", "unknown_type", "line 3: unknown type ''"),
        ('<ENAMEX TYPE="ORG" E_OFF="5">Quill</ENAMEX>', "unbalanced_tag", "line 3: S_OFF and E_OFF of 'Quill' do not"),
        ('<ENAMEX TYPE="ORG" S_OFF="x">Quill</ENAMEX>', "unbalanced_tag", "line 3: S_OFF and E_OFF"),
        ("</DOC>\nIt rained .", "no_document", "line 4: a sentence outside of any document"),
        ('<DOC DOCNO="1">', "doubled_id", "line 3: document '1' stands already at .*line 1"),
    ],
)
def test_a_broken_sentence_is_named_or_counted(file: Path, line: str, kind: str, message: str) -> None:
    file.write_text(f'<DOC DOCNO="1">\nIt snowed .\n{line}\n')

    with pytest.raises(CorpusError, match=message) as raised:
        read(file)
    assert "corpus.on_error=skip" in str(raised.value)
    sentences, counts = read(file, "skip")
    assert [sentence.tokens for sentence in sentences] == [("It", "snowed", ".")]
    assert counts == {kind: 1}


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("joined VBD", "joined", "columns", "line 4: 12 columns, expected 13"),
        ("(PERSON*", "(WIZARD*", "unknown_type", "line 2: unknown type 'WIZARD'"),
        ("(ORG)", "(ORG*", "unbalanced_tag", "line 5: the name that begins here is never closed"),
        ("(ORG)", "*)", "unbalanced_tag", r"line 5: '\*\)' closes no name"),
        ("(ORG)", "ORG", "columns", "line 5: 'ORG' is no column of names"),
        ("Quillworks", "[WORD]", "columns", r"line 5: no word but \[WORD\]; fill the skeletons in"),
    ],
)
def test_a_broken_conll_sentence_is_named_or_counted(
    tmp_path: Path, old: str, new: str, kind: str, message: str
) -> None:
    file = tmp_path / "x_gold_conll"
    file.write_text(CONLL.replace(old, new, 1))

    with pytest.raises(CorpusError, match=message):
        read(file)
    sentences, counts = read(file, "skip")
    assert [(sentence.number, sentence.tokens) for sentence in sentences] == [(2, ("Rain",))]
    assert counts == {kind: 1}


def test_what_is_no_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no file named like \*\.name or \*_gold_conll"):
        read(tmp_path)
    with pytest.raises(CorpusError, match=r"nowhere\.name cannot be read: No such file"):
        read(tmp_path / "nowhere.name")
    (tmp_path / "empty.name").write_text("")
    with pytest.raises(CorpusError, match=r"holds no sentence of a document; skipped: none"):
        read(tmp_path / "empty.name", "skip")
    (tmp_path / "latin.name").write_bytes(b'<DOC DOCNO="1">\nZo\xeb .\n</DOC>\n')
    with pytest.raises(CorpusError, match="line 2: byte 0xeb is not UTF-8"):
        read(tmp_path / "latin.name")


def fine(tmp_path: Path, record: Any, on_error: str = "raise") -> tuple[FineTypes, dict[str, int]]:
    file = tmp_path / "fine.json"
    file.write_text((record if isinstance(record, str) else json.dumps(record)) + "\n")
    skips = Skips(on_error)
    return FineTypes([file], skips), skips.counts


def test_fine_types_are_found_by_characters_whatever_the_tokens(tmp_path: Path, file: Path) -> None:
    file.write_text(NAMES)
    first, _, third = read(file)[0]

    types, _ = fine(tmp_path, FINE)

    assert types.of(first, first.spans[0]) == frozenset({"/person", "/person/business"})
    assert types.of(first, first.spans[1]) == frozenset({"/organization", "/organization/company"})
    assert types.of(third, third.spans[0]) is None
    # Ada Quill may be one token for the annotators.
    types, _ = fine(tmp_path, FINE | {"tokens": ["AdaQuill", *FINE["tokens"][2:]], "mentions": [
        {"start": 0, "end": 1, "labels": ["/person"]}
    ]})  # fmt: skip
    assert types.of(first, first.spans[0]) == frozenset({"/person"})


@pytest.mark.parametrize(
    ("record", "kind", "message"),
    [
        ("{", "malformed", "line 1: no JSON"),
        ([], "malformed", "line 1: no object with lists `tokens` and `mentions`"),
        ({"tokens": ["a", 1], "mentions": []}, "malformed", "line 1: no object with lists"),
        (
            {"tokens": ["a"], "mentions": [{"start": 0, "end": 2, "labels": ["/x"]}]},
            "span",
            "mention 0 to 2 is none of",
        ),
        ({"tokens": ["a"], "mentions": [{"start": 1, "end": 0, "labels": ["/x"]}]}, "span", "mention 1 to 0 is none"),
        (
            {"tokens": ["a"], "mentions": [{"start": 0, "end": 1, "labels": ["x"]}]},
            "labels",
            "labels .* should be paths",
        ),
        ({"tokens": ["a"], "mentions": [{"start": 0, "end": 1}]}, "labels", "labels None should be paths"),
    ],
)
def test_broken_fine_types_are_named_or_counted(tmp_path: Path, record: Any, kind: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        fine(tmp_path, record)
    types, counts = fine(tmp_path, record, "skip")
    assert (len(types), counts) == (0, {kind: 1})


PIECES = st.sampled_from(
    ['<ENAMEX TYPE="ORG">', "</ENAMEX>", '<DOC DOCNO="1">', "</DOC>", "\n", " ", "Quill", "<", ">", "é"]
)


@given(content=st.binary(max_size=100) | st.lists(PIECES, max_size=20).map(lambda parts: "".join(parts).encode()))
@pytest.mark.parametrize("name", ["x.name", "x_gold_conll"])
def test_whatever_the_bytes_there_is_a_sentence_or_a_named_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / name
    file.write_bytes(content)
    for on_error in ("raise", "skip"):
        with suppress(CorpusError):
            sentences, _ = read(file, on_error)
            assert all(0 <= span.start < span.end <= len(s.tokens) for s in sentences for span in s.spans)
        with suppress(CorpusError):
            FineTypes([file], Skips(on_error))
