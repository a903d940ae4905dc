"""Relations on typed spans: the task graph for TACRED's form, its gold, and the sources on the invented corpus."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from metal.applications import load_application
from metal.applications.relation.relations import PARTY, VECTORS
from metal.applications.relation.typed import GATHERED, TYPED_FACTS, vector_of
from metal.baselines import MajorityVote
from metal.corpora.sample_tacred import write_tacred
from metal.corpora.tacred import OBJECT_TYPES, PATCHED, RELATIONS, SUBJECT_TYPES
from metal.sources import apply_sources

APPLICATION = load_application("relation", "tacred")
N_A = "N/A"


def test_fourteen_relations_and_another_one_for_each_pair_of_kinds() -> None:
    assert len(TYPED_FACTS.feasible) == 14 + 2 * 5
    assert set(GATHERED) <= RELATIONS | PATCHED
    assert len(set(GATHERED) & RELATIONS) == 20
    assert set(GATHERED.values()) == set(VECTORS) - {PARTY}


def test_every_label_of_tacred_has_a_feasible_vector() -> None:
    for relation in RELATIONS | PATCHED:
        for subject in SUBJECT_TYPES:
            for object_ in OBJECT_TYPES:
                assert vector_of(relation, subject, object_) in TYPED_FACTS.feasible


@pytest.mark.parametrize(
    ("relation", "subject", "object_", "vector"),
    [
        ("per:country_of_birth", "PERSON", "COUNTRY", ("Person", "Place", "Birthplace", N_A, N_A, N_A)),
        ("org:parents", "ORGANIZATION", "ORGANIZATION", ("Organization", "Organization", N_A, N_A, N_A, "Owner")),
        ("per:siblings", "PERSON", "PERSON", ("Person", "Person", N_A, N_A, "Other", N_A)),
        ("no_relation", "ORGANIZATION", "CITY", ("Organization", "Place", N_A, N_A, N_A, "Other")),
        ("per:title", "PERSON", "TITLE", ("Person", "Other", N_A, N_A, N_A, N_A)),
        ("org:city_of_branch", "ORGANIZATION", "CITY", ("Organization", "Place", N_A, N_A, N_A, "Headquarters")),
        ("per:identity", "PERSON", "PERSON", ("Person", "Person", N_A, N_A, "Other", N_A)),
        # A relation between kinds for which there is none.
        ("per:employee_of", "PERSON", "CITY", ("Person", "Place", "Other", N_A, N_A, N_A)),
    ],
)
def test_the_vector_of_a_label(relation: str, subject: str, object_: str, vector: tuple[str, ...]) -> None:
    assert vector_of(relation, subject, object_) == vector


def test_votes_on_the_invented_corpus_are_the_same_both_ways_and_better_than_chance(tmp_path: Path) -> None:
    write_tacred(tmp_path / "x.json", examples=1500, seed=0)
    corpus = APPLICATION.read(tmp_path / "x.json", {"on_error": "raise"})
    examples = [(row["id"], row) for row in corpus.examples.to_dict("records")]
    table = pa.Table.from_pandas(corpus.examples, preserve_index=False)

    votes, _ = apply_sources(APPLICATION.sources, examples, TYPED_FACTS, columns=table, recheck_every=10)
    one_by_one, _ = apply_sources(APPLICATION.sources, examples, TYPED_FACTS)

    assert votes.codes.tolist() == one_by_one.codes.tolist()
    vectors = corpus.gold[list(TYPED_FACTS.names)].itertuples(index=False, name=None)
    gold = np.array([TYPED_FACTS.index(vector) for vector in vectors])
    chosen = MajorityVote(TYPED_FACTS).predict_proba(votes).argmax(axis=1)
    # The most frequent class has less than a tenth.
    assert (chosen == gold).mean() > 0.6


def test_labels_may_be_patched(tmp_path: Path) -> None:
    """A patch in Re-TACRED's form: what it names gets its label, what it does not name is left out and counted."""
    write_tacred(tmp_path / "x.json", examples=30, seed=0)
    records = json.loads((tmp_path / "x.json").read_text())
    married = next(record for record in records if record["relation"] == "per:spouse")
    rest = [record for record in records if record is not married][:20]
    patch = {record["id"]: record["relation"] for record in rest} | {married["id"]: "per:identity"}
    (tmp_path / "patch.json").write_text(json.dumps(patch))

    corpus = APPLICATION.read(tmp_path / "x.json", {"on_error": "raise", "patches": str(tmp_path / "patch.json")})

    assert corpus.counts == {"facts": 21, "unpatched": 9}
    [vector] = corpus.gold[corpus.gold["id"] == married["id"]][list(TYPED_FACTS.names)].to_numpy().tolist()
    assert vector == ["Person", "Person", N_A, N_A, "Other", N_A]


def test_a_folder_brings_its_own_splits(tmp_path: Path) -> None:
    for split, examples, seed in (("train", 40, 1), ("test", 12, 2)):
        write_tacred(tmp_path / f"{split}.json", examples=examples, seed=seed)
        records = json.loads((tmp_path / f"{split}.json").read_text())
        for record in records:
            record["docid"] = f"{split}-{record['docid']}"
        (tmp_path / f"{split}.json").write_text(json.dumps(records))

    corpus = APPLICATION.read(tmp_path, {"on_error": "raise", "dev": 6, "test": 5, "seed": 0})

    assert corpus.splits is not None
    assert [corpus.splits[f"test:sample-{number:06}"] for number in range(12)] == ["test"] * 12
    assert list(corpus.splits.values()).count("dev") == 6
    assert len(corpus.splits) == 52
