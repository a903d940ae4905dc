"""Few-NERD's reader on invented sentences in the published form."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.corpora import CorpusError, Skips
from metal.corpora.fewnerd import LONGEST_LINE, LONGEST_SENTENCE, TYPES, read_sentences
from metal.corpora.mentions import Sentence, Span

INVENTED = """\
Senator\tO
Ada\tperson-politician
Quill\tperson-politician
joined\tO
Quillworks\torganization-company
Brass\torganization-company
.\tO

It\tO
rained\tO
.\tO
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "invented.txt"


def read(file: Path, on_error: str = "raise") -> tuple[list[Sentence], dict[str, int]]:
    skips = Skips(on_error)
    return list(read_sentences(file, skips)), skips.counts


def test_a_mention_is_a_longest_run_of_one_tag(file: Path) -> None:
    file.write_text(INVENTED)

    first, second = read(file)[0]

    assert first.tokens == ("Senator", "Ada", "Quill", "joined", "Quillworks", "Brass", ".")
    assert first.spans == (Span(1, 3, "person-politician"), Span(4, 6, "organization-company"))
    assert (first.number, second.number, second.spans) == (1, 2, ())


@pytest.mark.parametrize(
    "content",
    [
        INVENTED.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + INVENTED.encode(),
        b"\n \n" + INVENTED.replace("\n\n", "\n\n\t\n\n").encode() + b"\n\n",
        INVENTED.rstrip().encode(),
    ],
    ids=["carriage returns", "byte order mark", "more blank lines", "no last line break"],
)
def test_what_editors_do_to_a_file_changes_nothing(file: Path, content: bytes) -> None:
    file.write_text(INVENTED)
    expected = read(file)[0]
    file.write_bytes(content)

    assert read(file)[0] == expected


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        (b"Quill", "columns", r"line 8: 'Quill' is not a token, a tab and a tag; mend the line"),
        (b"Ada\tQuill\tO", "columns", r"line 8: 'Ada\\tQuill\\tO' is not a token"),
        (b"\tO", "columns", r"line 8: '\\tO' is not a token"),
        (b"Ada Quill\tO", "columns", r"line 8: 'Ada Quill\\tO' is not a token"),
        (b"Ada\tperson-wizard", "unknown_type", r"line 8: unknown type 'person-wizard' of 'Ada'; it should be O, or"),
        (b"Ada\tB-person-politician", "unknown_type", r"unknown type 'B-person-politician'"),
        ("Zoë\tO".encode("latin-1"), "not_utf8", r"line 8: byte 0xeb is not UTF-8; convert the whole file"),
        (b"x" * LONGEST_LINE + b"\tO", "too_long", r"line 8: longer than 4096 bytes"),
        (b"a\tO\n" * LONGEST_SENTENCE + b"a\tO", "too_long", r"line 7: a sentence of more than 2000 tokens"),
    ],
)
def test_a_broken_sentence_is_named_or_counted(file: Path, line: bytes, kind: str, message: str) -> None:
    file.write_bytes(b"One\tO\nday\tO\nin\tO\nMay\tO\n.\tO\n\nIt\tO\n" + line + b"\n\n" + INVENTED.encode())

    with pytest.raises(CorpusError, match=message) as raised:
        read(file)
    assert "corpus.on_error=skip" in str(raised.value)
    assert str(file) in str(raised.value)
    sentences, counts = read(file, "skip")
    assert [sentence.number for sentence in sentences] == [1, 3, 4]
    assert counts == {kind: 1}


@pytest.mark.parametrize("content", [b"", b"\n\n \n"])
def test_an_empty_corpus_is_an_error_whatever_is_skipped(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(CorpusError, match=r"invented\.txt holds no sentence: it is empty"):
        read(file, "skip")


def test_a_corpus_of_nothing_but_broken_sentences_is_an_error(file: Path) -> None:
    file.write_text("Ada\n\nQuill\n")

    with pytest.raises(CorpusError, match=r"all of its 2 sentences were skipped: \{'columns': 2\}"):
        read(file, "skip")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nowhere\.txt cannot be read: No such file"):
        read(tmp_path / "nowhere.txt")
    with pytest.raises(CorpusError, match=r"cannot be read: Is a directory"):
        read(tmp_path)


def test_sentences_come_before_the_file_is_read_to_its_end(file: Path) -> None:
    file.write_text(INVENTED + "\nbroken\n")
    sentences = read_sentences(file, Skips("raise"))

    assert next(sentences).number == 1
    assert next(sentences).number == 2
    with pytest.raises(CorpusError, match="line 13"):
        next(sentences)


def test_the_published_types_are_sixty_six() -> None:
    assert len(TYPES) == 66


@given(content=st.binary(max_size=200) | st.text("aO\t\n -é", max_size=60).map(lambda text: text.encode("utf-8")))
def test_whatever_the_bytes_there_is_a_sentence_or_a_named_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "invented.txt"
    file.write_bytes(content)
    for on_error in ("raise", "skip"):
        with suppress(CorpusError):
            sentences, _ = read(file, on_error)
            assert all(0 <= span.start < span.end <= len(s.tokens) for s in sentences for span in s.spans)


@given(
    blocks=st.lists(
        st.lists(
            st.tuples(st.text("abcÀé.", min_size=1, max_size=5), st.sampled_from(["O", *sorted(TYPES)])), min_size=1
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_in_the_published_form_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[tuple[str, str]]]
) -> None:
    file = tmp_path_factory.mktemp("written") / "invented.txt"
    file.write_text(
        "\n".join("".join(f"{token}\t{tag}\n" for token, tag in block) for block in blocks), encoding="utf-8"
    )

    for block, sentence in zip(blocks, read(file)[0], strict=True):
        tags = ["O"] * len(block)
        for span in sentence.spans:
            tags[span.start : span.end] = [span.type] * (span.end - span.start)
        assert list(zip(sentence.tokens, tags, strict=True)) == block
