"""What sources and the end model see of a fact, and the corpus that is made of KnowledgeNet's form."""

from __future__ import annotations

import json
from pathlib import Path

from metal.applications.relation.read import read_knowledgenet
from metal.applications.relation.relations import FACTS
from metal.applications.relation.view import COLUMNS, columns, plain, text
from metal.corpora.facts import Fact
from metal.end_model.tokens import words

TEXT = "In Übach — ‘the’  town —\tZoë Quint  was born."
FACT = Fact("7:1:2", "7", TEXT, (25, 34), (3, 8), "PLACE_OF_BIRTH")


def row(fact: Fact) -> dict[str, str | int]:
    return dict(zip(COLUMNS, columns(fact), strict=True))


def test_signs_become_those_of_a_typewriter() -> None:
    assert plain("‘Übach’ —\u00a0 “Zoë”…") == "'Ubach' - \"Zoe\"..."


def test_the_sentence_stands_with_names_in_place_of_the_spans() -> None:
    assert row(FACT) == {
        "id": "7:1:2",
        "subject": "Zoe Quint",
        "object": "Ubach",
        "sentence": "In OBJ - 'the' town - SUBJ was born.",
        "subject_type": "",
        "object_type": "",
    }


def test_the_relation_is_not_among_what_may_be_read() -> None:
    other = Fact(FACT.id, FACT.document, FACT.text, FACT.subject, FACT.object, "CEO")

    assert row(other) == row(FACT)


def test_the_end_model_reads_both_spans_between_marks_that_it_takes_for_words() -> None:
    read = text(row(FACT))

    assert read == ("In objectstart Ubach objectend - 'the' town - subjectstart Zoe Quint subjectend was born.")
    assert {"objectstart", "objectend", "subjectstart", "subjectend"} <= set(words(read))


def test_marks_stand_around_the_spans_even_where_the_text_speaks_of_subj() -> None:
    fact = Fact("1", "1", "SUBJ met OBJ", (0, 4), (9, 12), "SPOUSE")

    assert text(row(fact)) == "subjectstart SUBJ subjectend met objectstart OBJ objectend"


def test_gold_is_a_label_vector_and_documents_are_groups(tmp_path: Path) -> None:
    passage = "Zoe ran Quintco."
    fact = {"factId": "1", "humanReadable": "<Quintco> <CEO> <Zoe>"}
    spans = {"subjectStart": 8, "subjectEnd": 15, "subjectText": "Quintco"}
    spans |= {"objectStart": 0, "objectEnd": 3, "objectText": "Zoe"}
    content = {"passageStart": 0, "passageEnd": 16, "passageText": passage, "facts": [fact | spans]}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"documentId": "7", "documentText": passage, "passages": [content]}) + "\n{}\n")

    corpus = read_knowledgenet(path, {"on_error": "skip"})

    assert corpus.gold.to_dict("records") == [
        {
            "id": "7:8:15:0:3",
            **dict(zip(FACTS.names, ("Organization", "Person", *["N/A"] * 3, "Chief executive"), strict=True)),
        }
    ]
    assert corpus.examples["sentence"].tolist() == ["OBJ ran SUBJ."]
    assert corpus.groups == {"7:8:15:0:3": "7"}
    assert corpus.counts == {"documents": 1, "facts": 1, "skipped_malformed": 1}
