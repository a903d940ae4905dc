"""The invented entity corpus: in OntoNotes' form, the same for the same seed, as ambiguous and noisy as it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from metal.corpora import Skips
from metal.corpora.fine_types import FineTypes
from metal.corpora.mentions import Sentence
from metal.corpora.ontonotes import read_sentences
from metal.corpora.sample_ontonotes import ANYWHERE, DISTRACTIONS, OTHERS, SENTENCES, SORTS, TEMPLATES, write_ontonotes


def sample(folder: Path, mentions: int, noise: float = 0.2) -> list[Sentence]:
    write_ontonotes(folder, mentions=mentions, seed=0, noise=noise)
    return list(read_sentences(folder, Skips("raise")))


def test_the_same_readers_read_every_mention_back_with_its_fine_types(tmp_path: Path) -> None:
    sentences = sample(tmp_path, 500)
    types = FineTypes([tmp_path / "fine.json"], Skips("raise"))
    known = {(kind, frozenset(labels)) for kind, labels in SORTS.values()}

    named = [(s, span) for s in sentences for span in s.spans if span.type in ("PERSON", "ORG")]
    assert len(named) in (500, 501)  # the last sentence may have two
    assert {(span.type, types.of(sentence, span)) for sentence, span in named} == known
    sizes = list(Counter(s.document for s in sentences).values())
    assert set(sizes[:-1]) == {SENTENCES}


def test_every_name_of_a_template_is_of_a_known_sort() -> None:
    words = {
        word for templates in (*TEMPLATES.values(), *ANYWHERE.values()) for text in templates for word in text.split()
    }

    assert {word for word in words if word.isupper() and len(word) > 1} - {"CEO"} == {*SORTS, *OTHERS, *ANYWHERE}


def test_the_seed_decides_every_byte(tmp_path: Path) -> None:
    found = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_ontonotes(tmp_path / name, mentions=50, seed=seed)
        found[name] = {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}

    assert sorted(found["a"]) == ["fine.json", "sample.name"]
    assert found["a"] == found["b"]
    assert all(found["a"][name] != found["c"][name] for name in found["a"])


def test_the_fine_types_may_be_left_out(tmp_path: Path) -> None:
    write_ontonotes(tmp_path / "a", mentions=50, seed=1)
    write_ontonotes(tmp_path / "b", mentions=50, seed=1, fine_types=False)

    assert [file.name for file in (tmp_path / "b").iterdir()] == ["sample.name"]
    assert (tmp_path / "a" / "sample.name").read_bytes() == (tmp_path / "b" / "sample.name").read_bytes()


def test_some_sentences_say_no_more_than_the_type(tmp_path: Path) -> None:
    """Those of `ANYWHERE` serve every sort, so that neither name nor sentence tells a surname's sort."""
    asked = "people talked about"
    sorts = set()
    write_ontonotes(tmp_path, mentions=5000, seed=0)
    types = FineTypes([tmp_path / "fine.json"], Skips("raise"))
    for sentence in read_sentences(tmp_path, Skips("raise")):
        if asked in " ".join(sentence.tokens):
            sorts.add(types.of(sentence, sentence.spans[0]))

    assert sorts == {frozenset(labels) for kind, labels in SORTS.values() if kind == "ORG"}


@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
def test_as_many_sentences_as_said_have_a_cue_of_another_sort(tmp_path: Path, noise: float) -> None:
    sentences = sample(tmp_path, 1000, noise)
    noisy = sum(any(clause in " ".join(s.tokens) for clause in DISTRACTIONS) for s in sentences)

    # Four standard deviations of a share.
    n = len(sentences)
    assert noisy / n == pytest.approx(noise, abs=4 * (noise * (1 - noise) / n) ** 0.5)


def test_noise_out_of_range_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="noise must lie in \\[0, 1\\]; got -1"):
        write_ontonotes(tmp_path, mentions=1, seed=0, noise=-1)
