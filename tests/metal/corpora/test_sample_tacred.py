"""The invented corpus: in TACRED's form, the same for the same seed, and as ambiguous and noisy as it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from metal.corpora import Skips
from metal.corpora.facts import Fact
from metal.corpora.sample_tacred import DISTRACTIONS, TEMPLATES, write_tacred
from metal.corpora.tacred import OBJECT_TYPES, RELATIONS, SUBJECT_TYPES, read_facts


def sample(path: Path, examples: int, **options: float) -> list[Fact]:
    write_tacred(path, examples=examples, seed=int(options.get("seed", 0)), noise=options.get("noise", 0.2))
    return list(read_facts(path, Skips("raise"), Counter()))


def test_the_same_reader_reads_every_sentence_back(tmp_path: Path) -> None:
    facts = sample(tmp_path / "x.json", 300)

    assert len(facts) == 300
    for fact in facts:
        subject, object_ = fact.text[slice(*fact.subject)], fact.text[slice(*fact.object)]
        sentence = fact.text.replace(subject, "SUBJ", 1).replace(object_, "OBJ", 1)
        templates = TEMPLATES[(fact.relation, fact.subject_type, fact.object_type)]
        assert any(template in sentence for template in templates), sentence


def test_relations_and_types_are_those_of_tacred() -> None:
    for relation, subject_type, object_type in TEMPLATES:
        assert relation in RELATIONS
        assert subject_type in SUBJECT_TYPES
        assert object_type in OBJECT_TYPES


def test_the_seed_decides_every_byte(tmp_path: Path) -> None:
    files = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_tacred(tmp_path / name, examples=50, seed=seed)
        files[name] = (tmp_path / name).read_bytes()

    assert files["a"] == files["b"] != files["c"]


def test_some_cues_are_ambiguous() -> None:
    """Some sentences stand for two relations of the same types: not even gold types tell these apart."""
    relations: dict[tuple[str, ...], set[str]] = {}
    for (relation, *types), templates in TEMPLATES.items():
        for template in templates:
            relations.setdefault((template, *types), set()).add(relation)

    assert sum(len(among) > 1 for among in relations.values()) >= 4


@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
def test_as_many_sentences_as_said_have_a_cue_of_another_relation(tmp_path: Path, noise: float) -> None:
    facts = sample(tmp_path / "x.json", 1000, noise=noise)
    noisy = sum(any(clause in fact.text for clause in DISTRACTIONS) for fact in facts)

    # Four standard deviations of a share of 1,000.
    assert noisy / 1000 == pytest.approx(noise, abs=4 * (noise * (1 - noise) / 1000) ** 0.5)


def test_noise_out_of_range_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="noise must lie in \\[0, 1\\]; got 2"):
        write_tacred(tmp_path / "x.json", examples=1, seed=0, noise=2)
