"""The labeling functions of relations: what each votes on invented sentences, and what they are together."""

from __future__ import annotations

import re

import pandas as pd
import pyarrow as pa
import pytest

from metal.applications import load_application
from metal.applications.relation.relations import FACTS, TYPES, VECTORS
from metal.applications.relation.view import COLUMNS, columns
from metal.baselines.majority_vote import MajorityVote
from metal.corpora.facts import Fact
from metal.sources import Vote, apply_sources

APPLICATION = load_application("relation", "knowledgenet")
SOURCES = {source.name: source for source in APPLICATION.sources}

# source: (a sentence on which it votes, its vote, a sentence on which it is silent). <> is the subject, [] the object.
CASES: dict[str, tuple[str, Vote, str]] = {
    "subject_pronoun": ("<She> ran [Quint].", "Person", "<Zelda> ran [Quint]."),
    "subject_first_name": ("<Peter Quint> ran [it].", "Person", "<Zq Quint> ran [it]."),
    "subject_body": ("<Quint Inc.> of [Ubach].", "Organization", "<Quint> of [Ubach]."),
    "subject_sign": ("<QZX> of [Ubach].", "Organization", "<Quint> of [Ubach]."),
    "subject_article": ("The <Quint> of [Ubach].", "Organization", "<Quint> of the [Ubach]."),
    "subject_title": ("Dr. <Quint> of [Ubach].", "Person", "A <Quint> of [Ubach]."),
    "subject_life": ("<Quint> (born [1901]) sang.", "Person", "<Quint> (of [1901]) sang."),
    "object_date": ("<Quint> in [May 1901].", "Date", "<Quint> in [Mayfield]."),
    "object_people": ("<Quint>, a [Danish] poet.", ("Place", "Nationality"), "<Quint>, a [Danishly] poet."),
    "object_place_name": ("<Quint> saw [Denmark].", "Place", "<Quint> saw [Ubach]."),
    "object_inside": ("<Quint> was in [Ubach].", "Place", "<Quint> was in [1901]."),
    "object_within_list": ("<Quint> of Ubach, [Zeeland].", "Place", "<Quint> and [Zeeland]."),
    "object_body": ("<Quint> saw [Ubach University].", "Organization", "<Quint> saw [Ubach]."),
    "object_sign": ("<Quint> of [QZX].", "Organization", "<Quint> of [Ubach]."),
    "object_article": ("<Quint> of the [Ubachers' Own].", "Organization", "<Quint> of [Ubach]."),
    "object_pronoun": ("[He] saw <Quint>.", "Person", "[Quint] saw <him>."),
    "object_first_name": ("[Peter Ubach] saw <Quint>.", "Person", "[Zq Ubach] saw <Quint>."),
    "born_where": ("<Quint> was born in [Ubach].", "Birthplace", "<Quint> was born in [1901]."),
    "native": ("<Quint> is a native of [Ubach].", "Birthplace", "<Quint> is naive about [Ubach]."),
    "place_in_brackets": ("<Quint> ([Ubach], 1901) sang.", "Birthplace", "<Quint> sang ([Ubach], 1901)."),
    "lives_where": ("<Quint> lives near [Ubach].", "Residence", "<Quint> liked [Ubach]."),
    "place_without_birth": ("<She> sang in [Ubach].", "Residence", "<She> was born in [Ubach]."),
    "person_in_place": ("<Quint> settled in [Ubach].", ("Person", "Place"), "<Quint> sang in [Ubach]."),
    "citizen": ("<Quint>, a citizen of [Denmark].", "Nationality", "<Quint> of [Denmark]."),
    "people_by_form": ("<Quint> is a [Zeelandish] poet.", "Nationality", "<Quint> likes [Zeelandish]."),
    "people_of_occupation": ("[Danish] poet <Quint>.", "Nationality", "[Danish] cows of <Quint>."),
    "born_when": ("<Quint> was born on [2 May 1901].", "Birth date", "<Quint> sang on [2 May 1901]."),
    "first_in_brackets": ("<Quint> ([1901] - 1980) sang.", "Birth date", "<Quint> (1901 - [1980]) sang."),
    "last_in_brackets": ("<Quint> (1901 - [1980]) sang.", "Death date", "<Quint> ([1901] - 1980) sang."),
    "died_when": ("<Quint> died in [1980].", "Death date", "<Quint> sang in [1980]."),
    "dates_of_persons": ("<Quint> died in [1980].", ("Person", "Date"), "<Quint> sang in [1980]."),
    "married": ("<Quint> married [Zelda].", "Spouse", "<Quint> met [Zelda]."),
    "wedding_before": ("His wife <Quint> and [he] sang.", "Spouse", "His friend <Quint> and [he] sang."),
    "couple": ("<Quint> and [Zelda] sang.", "Spouse", "<Quint> met [Zelda]."),
    "child_of": ("<Quint> is a son of [Zelda].", "Parent", "<Quint> is a friend of [Zelda]."),
    "whose_child": ("[Zelda]'s son <Quint> sang.", "Parent", "[Zelda]'s friend <Quint> sang."),
    "whose_parent": ("<Quint>'s father [Zoltan] sang.", "Parent", "<Quint>'s friend [Zoltan] sang."),
    "marriage_alone": ("<Quint>, widow of [Zoltan].", "Spouse", "<Quint>, widow of [Zoltan], and a son."),
    "descent_alone": ("<Quint>, heir of [Zoltan].", "Parent", "<Quint>, wife and heir of [Zoltan]."),
    "kin": ("<Quint>, sister of [Zoltan].", ("Person", "Person"), "<Quint>, friend of [Zoltan]."),
    "studied": ("<Quint> graduated from [Ubach].", "Education", "<Quint> came from [Ubach]."),
    "degree_after": ("<Quint> has an [Ubach College] degree.", "Education", "<Quint> saw [Ubach College]."),
    "school_and_study": ("A student, <Quint> saw [Ubach College].", "Education", "<Quint> saw [Ubach College]."),
    "teaches": ("<Quint>, professor at [Ubach College].", "Employer", "<Quint> saw [Ubach College]."),
    "works": ("<Quint> works for [Ubachers].", "Employer", "<Quint> sings to [Ubachers]."),
    "joined": ("<Quint> joined [Ubachers].", "Employer", "<Quint> saw [Ubachers]."),
    "position_before": ("[Ubachers] director <Quint> sang.", "Employer", "[Ubachers] friend <Quint> sang."),
    "position_after": ("<Quint>, a director at [Ubachers].", "Employer", "<Quint>, a friend at [Ubachers]."),
    "plays_for": ("<Quint> played for [Ubachers].", "Employer", "<Quint> paid [Ubachers]."),
    "body_without_study": ("<He> saw [Ubach Inc].", "Employer", "<He> studied at [Ubach Inc]."),
    "somebody_at_body": ("<He> saw [Ubach Inc].", ("Person", "Organization"), "<He> saw [Ubach]."),
    "party_name": ("<Quint> of the [Zeeland Party].", "Party", "<Quint> of [Zeeland]."),
    "politician_of": ("<Quint>, a candidate for [Labour].", "Party", "<Quint>, a friend of [Labour]."),
    "political_sentence": ("The party of <Quint>, [Ubachers].", "Party", "The band of <Quint>, [Ubachers]."),
    "partisan_office": ("[ZPX] candidate <Quint> sang.", "Party", "[ZPX] friend <Quint> sang."),
    "seated": ("<Quint> has offices in [Ubach].", "Headquarters", "<Quint> has fans in [Ubach]."),
    "seated_adjective": ("[Ubach]-based <Quint> sings.", "Headquarters", "[Ubach] and <Quint> sing."),
    "body_in_place": ("<Quint Inc> in [Ubach].", "Headquarters", "<Quint> in [Ubach]."),
    "founded_when": ("<Quint> was founded in [1901].", "Founded", "<Quint> was found in [1901]."),
    "date_of_body": ("<Quint Inc> of [1901].", "Founded", "<Quint> of [1901]."),
    "founder": ("[Peter], founder of <Quint>.", "Founder", "[Peter], friend of <Quint>."),
    "founded_by": ("<Quint> was founded by [Zelda].", "Founder", "<Quint> was found by [Zelda]."),
    "chief": ("[Peter], CEO of <Quint>.", "Chief executive", "[Peter], friend of <Quint>."),
    "chief_of": ("[Zelda], CEO of <Quint>.", "Chief executive", "[Zelda], CEO before <he> sang."),
    "foundation_alone": ("[Zelda], founder of <Quint>.", "Founder", "[Zelda], founder and CEO of <Quint>."),
    "chief_alone": ("[Zelda], CEO of <Quint>.", "Chief executive", "[Zelda], founder and CEO of <Quint>."),
    "subsidiary": ("<Quint> is a subsidiary of [Ubach].", "Owner", "<Quint> is a sister of [Ubach]."),
    "owned": ("<Quint> was acquired by [Ubach].", "Owner", "<Quint> was seen by [Ubach]."),
    "two_bodies": ("<Quint Inc> and [Ubach Ltd].", "Owner", "<Quint Inc> and [Ubach]."),
}


def fact(marked: str) -> Fact:
    """Return the pair of spans that a sentence marks: <subject>, [object]."""
    text = re.sub(r"[<>\[\]]", "", marked)
    spans = {}
    for role, pattern in (("subject", "<(.*)>"), ("object", r"\[(.*)\]")):
        found = re.search(pattern, marked)
        assert found is not None
        start = len(re.sub(r"[<>\[\]]", "", marked[: found.start()]))
        spans[role] = (start, start + len(re.sub(r"[<>\[\]]", "", found[1])))
    return Fact("1", "1", text, spans["subject"], spans["object"], "")


def vote(name: str, marked: str) -> Vote | None:
    return SOURCES[name].function(dict(zip(COLUMNS, columns(fact(marked)), strict=True)))


@pytest.mark.parametrize("name", CASES)
def test_votes_where_it_should(name: str) -> None:
    sentence, expected, silent = CASES[name]

    assert vote(name, sentence) == expected
    assert vote(name, silent) is None


def test_every_source_has_a_case_and_says_what_it_believes() -> None:
    assert set(CASES) == set(SOURCES)
    assert all(source.description for source in APPLICATION.sources)


def test_nine_to_nineteen_sources_a_task() -> None:
    covering = {task: sum(task in source.tasks for source in APPLICATION.sources) for task in FACTS.names}

    assert all(9 <= number <= 19 for number in covering.values()), covering


def test_each_relation_has_one_feasible_vector_and_a_source_for_it() -> None:
    assert len(FACTS.feasible) == len(TYPES) == 15
    votable = {label for source in APPLICATION.sources for vector in source.vectors for label in vector}
    assert votable >= set(TYPES)
    assert all(VECTORS[relation].count(relation) == 1 for relation in TYPES)


def test_over_columns_the_votes_are_the_same() -> None:
    rows = [columns(fact(sentence)) for case in CASES.values() for sentence in (case[0], case[2])]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).assign(id=[str(number) for number in range(len(rows))])
    examples = [(row["id"], row) for row in frame.to_dict("records")]

    one_by_one, _ = apply_sources(APPLICATION.sources, examples, FACTS)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    at_once, _ = apply_sources(APPLICATION.sources, examples, FACTS, columns=table, recheck_every=1)

    assert at_once.codes.tolist() == one_by_one.codes.tolist()


def test_together_they_find_what_a_sentence_states() -> None:
    sentences = {
        "<Peter Quint> was born in [Ubach], Denmark.": "Birthplace",
        "<She> graduated from [Ubach University].": "Education",
        "<Quint Ltd> was founded in [1901] by Zelda.": "Founded",
        "<Quint Ltd> is a subsidiary of [Ubach Holdings].": "Owner",
        "<Peter> married [Mary Quint] in 1901.": "Spouse",
    }
    examples = [(text, dict(zip(COLUMNS, columns(fact(text)), strict=True))) for text in sentences]
    votes, _ = apply_sources(APPLICATION.sources, examples, FACTS)

    chosen = MajorityVote(FACTS).predict_proba(votes).argmax(axis=1)
    assert [list(TYPES)[relation] for relation in chosen] == list(sentences.values())
