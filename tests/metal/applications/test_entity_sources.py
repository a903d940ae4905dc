"""What the entity application's sources believe, and what its end model reads, on invented sentences."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from metal.application import Application
from metal.applications import load_application
from metal.applications.entity.view import MARKS, columns
from metal.baselines import MajorityVote
from metal.corpora.mentions import Sentence, Span
from metal.corpora.sample_ontonotes import write_ontonotes
from metal.sources import Vote, apply_sources
from tests.local_imports import ROOT


@pytest.fixture(scope="module")
def application() -> Application[Any]:
    return load_application("entity", "fewnerd")


def mention(text: str) -> dict[str, Any]:
    """Return the row of an invented mention, which stands in brackets: "He met [ Ada Quill ] ."."""
    words = text.split()
    start, end = words.index("["), words.index("]") - 1
    tokens = tuple(word for word in words if word not in "[]")
    row = columns("1:0-1", Sentence("", 1, tokens, ()), Span(start, end, ""))
    return dict(zip(("id", "before", "name", "after", "first", "last", "words"), row, strict=True))


def test_the_end_model_reads_the_name_between_marks(application: Application[Any]) -> None:
    text = application.text(mention("He met [ Ada Quill ] of Quillworks ."))

    assert text == f"He met {MARKS[0]} Ada Quill {MARKS[1]} of Quillworks ."


# What the sources believe: a mention, and what one of them votes on it.
BELIEFS = [
    ("given_name", "then [ Edward Brass ] left", "Person"),
    ("given_name", "then [ Edward Brass Memorial Library ] burned", None),
    ("surname", "then [ Quill Andersen ] left", "Person"),
    ("initials", "by [ J. R. Brass ] .", "Person"),
    ("initials", "by [ Otto von Brass ] .", "Person"),
    ("initials", "by [ Quill Electric Jr. ] .", None),
    ("capitals", "the [ BQW ] said", "Organization"),
    ("long_name", "the [ Society of Brass Players ] met", "Organization"),
    ("long_name", "then [ Edward Brass Quill Bell ] left", None),
    ("plain_words", "for [ Old Brass Friends ] .", "Organization"),
    ("plain_words", "for [ Brass ] .", None),
    ("named_for_a_place", "for [ Welsh Brass ] .", "Organization"),
    ("listed_with", "with Edward Brass and [ Quill ] .", "Person"),
    ("listed_with", "with Brass Ltd and [ Quill ] .", "Organization"),
    ("kin", "[ Quill ] 's death", "Person"),
    ("the_before", "of the [ Quills ] .", "Organization"),
    ("the_before", "of [ Quill ] .", None),
    ("pronoun_after", "[ Quill ] lost his hat", "Person"),
    ("pronoun_after", "[ Quillworks ] lost its way", "Organization"),
    ("holds_office", "when President [ Brass ] spoke", ("Person", "Politician")),
    ("holds_office", "when [ King Brass ] spoke", ("Person", "Politician")),
    ("holds_office", "when pianist [ Brass ] spoke", None),
    ("regnal_number", "under [ Edward XI ] .", ("Person", "Politician")),
    ("known_statesman", "of [ Abraham Lincoln ] .", ("Person", "Politician")),
    ("talk_of_politics", "[ Quill ] lost the election .", "Politician"),
    ("talk_of_rule", "[ Quill ] fled from the court .", "Politician"),
    ("called_by_first_name", "when [ Henry ] fell ill", "Politician"),
    ("called_by_first_name", "a film in which [ Henry ] falls ill", None),
    ("talk_of_politics", "[ Quill ] sang of the election on her album .", None),
    ("described_as", "[ Quill ] was an English painter .", ("Person", "Other Person")),
    ("described_as", "[ Quill ] was an English politician .", ("Person", "Politician")),
    ("artist_before", "the singer [ Quill ] .", ("Person", "Other Person")),
    ("rank_before", "under General [ Quill ] .", ("Person", "Other Person")),
    ("made_by", "a film directed by [ Quill ] .", ("Person", "Other Person")),
    ("legal_form", "at [ Quill Ltd ] .", ("Organization", "Company")),
    ("trade", "with [ Quill Airlines ] .", ("Organization", "Company")),
    ("trade", "with [ Bank of Quill ] .", ("Organization", "Company")),
    ("trade", "with [ Quill Steel Workers Union ] .", None),
    ("known_company", "to [ Toyota ] .", ("Organization", "Company")),
    ("known_company", "to [ Deutsche Bahn ] .", ("Organization", "Company")),
    ("known_company", "the championship went to [ Toyota ] .", None),
    ("called_a_firm", "a subsidiary of [ Quill ] .", ("Organization", "Company")),
    ("called_a_firm", "[ Quill ] is a large Danish brewery .", ("Organization", "Company")),
    ("public_body", "the [ Steel Workers Union ] .", ("Organization", "Other Organization")),
    ("public_body", "the [ 3rd Brass Group ] .", ("Organization", "Other Organization")),
    ("public_body", "by [ UNESCO ] .", ("Organization", "Other Organization")),
    ("read_or_watched", "was aired on [ Quill ] .", ("Organization", "Other Organization")),
    ("read_or_watched", "the station [ WQLL-FM ] .", ("Organization", "Other Organization")),
    ("deals", "[ Quillworks ] acquired a mill", "Company"),
    ("school", "at [ Quill College ] .", ("Organization", "Other Organization")),
    ("club", "for [ Quill F.C. ] .", ("Organization", "Other Organization")),
    ("team", "against [ Spain ] .", ("Organization", "Other Organization")),
    ("learned_at", "graduated from [ Quill ] .", ("Organization", "Other Organization")),
    ("press", "in the [ Quill Gazette ] .", ("Organization", "Other Organization")),
    ("talk_of_sport", "[ Quills ] won the championship .", "Other Organization"),
]


@pytest.mark.parametrize(("name", "text", "vote"), BELIEFS)
def test_what_a_source_believes(application: Application[Any], name: str, text: str, vote: Vote | None) -> None:
    [source] = [source for source in application.sources if source.name == name]

    assert source.function(application.view(mention(text))) == vote


def test_business_people_are_told_from_others_where_the_corpus_does(application: Application[Any]) -> None:
    sources = {source.name: source for source in load_application("entity", "ontonotes").sources}
    row = mention("the founder [ Quill ] , president of Quillworks .")

    assert sources["runs_a_business"].function(row) == ("Person", "Businessperson")
    assert sources["holds_office"].labels == (("Person", "Other Person"),)
    assert "runs_a_business" not in {source.name for source in application.sources}


@pytest.mark.parametrize("corpus", ["fewnerd", "ontonotes"])
def test_there_are_nine_to_nineteen_sources_a_task_each_with_its_belief(corpus: str) -> None:
    application = load_application("entity", corpus)
    for task in application.tasks.names:
        # Sources that also vote on `kind` are counted where they decide more.
        deciding = [source for source in application.sources if source.tasks[-1] == task]
        assert 9 <= len(deciding) <= 19, task
    assert all(source.description.endswith(".") for source in application.sources)


def test_on_the_invented_corpus_every_source_votes_each_of_its_labels_and_the_majority_is_mostly_right(
    tmp_path: Path,
) -> None:
    """Validation asks for these votes: a new source may need a new template in metal/corpora/sample_ontonotes.py."""
    application = load_application("entity", "sample")
    write_ontonotes(tmp_path, mentions=4000, seed=0)
    corpus = application.read(tmp_path, {"name": "sample", "on_error": "raise"})
    examples = [(row["id"], row) for row in corpus.examples.to_dict("records")]
    table = pa.Table.from_pandas(corpus.examples, preserve_index=False)

    votes, _ = apply_sources(application.sources, examples, application.tasks, columns=table)

    for column, space in enumerate(votes.spaces):
        cast = np.bincount(votes.codes[:, column], minlength=len(space.labels) + 1)[1:]
        assert cast.min() >= 8, (space.name, cast)
    vectors = corpus.gold[list(application.tasks.names)].itertuples(index=False, name=None)
    gold = np.array([application.tasks.index(vector) for vector in vectors])
    chosen = MajorityVote(application.tasks).predict_proba(votes).argmax(axis=1)
    # The most frequent class has .42; were it much nearer to 1, there would be nothing to learn.
    assert 0.75 < (chosen == gold).mean() < 0.95


def test_no_source_knows_of_gold() -> None:
    for file in (ROOT / "metal" / "applications" / "entity").glob("*.py"):
        if file.name != "read.py":
            assert not re.search(r"\bgold\b", file.read_text(encoding="utf-8").lower().replace("never gold", "")), file
