"""The entity application on invented sentences: its reader, its views, what its sources believe, and its corpora."""

import json
import os
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
from metal.corpora import CorpusError
from metal.corpora.mentions import Sentence, Span
from metal.corpora.sample_ontonotes import write_ontonotes
from metal.sources import Vote, apply_sources
from tests.local_imports import ROOT

FEWNERD = Path(os.environ.get("METAL_FEWNERD", ROOT.parent / "shared" / "corpora" / "fewnerd" / "fewnerd.txt"))
SECTION = {"name": "fewnerd", "on_error": "raise", "train": 4, "dev": 1, "test": 1, "seed": 0}


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


def tagged(*sentences: str) -> str:
    """Return sentences in Few-NERD's form from words that carry their tag after a slash: "Ada/person-politician"."""
    return "\n".join(
        "".join(f"{word}\t{tag or 'O'}\n" for word, _, tag in (token.partition("|") for token in sentence.split()))
        for sentence in sentences
    )


def test_mentions_of_persons_and_organizations_are_the_examples(tmp_path: Path, application: Application[Any]) -> None:
    file = tmp_path / "invented.txt"
    file.write_text(
        tagged(
            "Senator Ada|person-politician Quill|person-politician left Quillworks|organization-company .",
            "Bryn|person-actor sang in Wales|location-GPE for the Choir|organization-other .",
        )
    )

    corpus = application.read(file, SECTION)

    assert corpus.examples.to_dict("records")[0] == {
        "id": "1:1-3",
        "before": "Senator",
        "name": "Ada Quill",
        "after": "left Quillworks .",
        "first": "Ada",
        "last": "Quill",
        "words": 2,
    }
    assert corpus.gold.set_index("id").T.to_dict("list") == {
        "1:1-3": ["Person", "Politician", "N/A"],
        "1:4-5": ["Organization", "N/A", "Company"],
        "2:0-1": ["Person", "Other Person", "N/A"],
        "2:6-7": ["Organization", "N/A", "Other Organization"],
    }
    assert corpus.counts == {"sentences": 2, "mentions": 4, "ungraded": 0}
    assert corpus.splits is None


def test_mentions_of_one_sentence_stay_together_wherever_it_recurs(
    tmp_path: Path, application: Application[Any]
) -> None:
    file = tmp_path / "invented.txt"
    twice = "Ada|person-actor met Bryn|person-soldier ."
    file.write_text(tagged(twice, "Cai|person-actor sang .", twice))

    groups = application.read(file, SECTION).groups

    assert groups is not None
    assert groups["1:0-1"] == groups["1:2-3"] == groups["3:0-1"] != groups["2:0-1"]


def test_a_folder_brings_its_splits(tmp_path: Path, application: Application[Any]) -> None:
    """Dev is drawn from train where no file gives it; a sentence of test is not trained on."""
    folder = tmp_path / "invented"
    folder.mkdir()
    people = [f"{name}|person-actor sang ." for name in ("Ada", "Bryn", "Cai", "Dai", "Eda")]
    (folder / "train.txt").write_text(tagged(*people))
    (folder / "test.txt").write_text(tagged(people[2], "Fay|person-politician ruled ."))

    splits = application.read(folder, SECTION).splits

    assert splits is not None
    assert sorted(splits.values()) == ["dev", "rest", "test", "test", "train", "train", "train"]
    assert (splits["test:1:0-1"], splits["test:2:0-1"], splits["train:3:0-1"]) == ("test", "test", "rest")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["test.txt"], r"holds no file for train, only \['test\.txt'\]"),
        (["train.txt", "valid.txt"], r"holds 'valid\.txt'; a folder of splits should hold one file each for train"),
        (["train.txt", "train.tsv"], r"holds 'train\.txt'; a folder of splits"),
    ],
)
def test_a_folder_of_other_files_is_refused(
    tmp_path: Path, application: Application[Any], files: list[str], message: str
) -> None:
    for name in files:
        (tmp_path / name).write_text(tagged("Ada|person-actor sang ."))

    with pytest.raises(CorpusError, match=message):
        application.read(tmp_path, SECTION)


def test_a_corpus_without_persons_and_organizations_is_refused(tmp_path: Path, application: Application[Any]) -> None:
    (tmp_path / "rain.txt").write_text(tagged("It rained ."))

    with pytest.raises(CorpusError, match="fewnerd: none of its 1 sentences mentions a person or organization"):
        application.read(tmp_path / "rain.txt", SECTION)


def test_ontonotes_gold_comes_from_the_fine_types(tmp_path: Path) -> None:
    """A mention without fine types has no gold; mentions of one document are one group."""
    people = [
        ("PERSON", "Ada"),
        ("PERSON", "Bryn"),
        ("ORG", "Quillworks"),
        ("ORG", "Choir"),
        ("ORG", "Guild"),
        ("GPE", "Wales"),
    ]
    names = " and ".join(f'<ENAMEX TYPE="{kind}">{name}</ENAMEX>' for kind, name in people)
    (tmp_path / "x.name").write_text(f'<DOC DOCNO="x">\n{names}\n</DOC>\n')

    coarse = load_application("entity", "ontonotes").read(tmp_path, SECTION)
    assert coarse.gold["kind"].tolist() == ["Person", "Person", "Organization", "Organization", "Organization"]
    assert coarse.gold[["person", "organization"]].isna().all(axis=None), "there is no telling sorts without fine types"

    (tmp_path / "fine.json").write_text(
        json.dumps({"tokens": ["Dai"], "mentions": [{"start": 0, "end": 1, "labels": ["/person"]}]})
    )
    with pytest.raises(CorpusError, match=r"none of 5 mentions is among the 1 that have fine types in fine\.json; put"):
        load_application("entity", "ontonotes").read(tmp_path, SECTION)

    labels = {0: "/person/business", 2: "/person/artist", 4: "/organization/company/news", 6: "/organization"}
    mentions = [{"start": start, "end": start + 1, "labels": [label]} for start, label in labels.items()]
    tokens = " and ".join(name for _, name in people).split()
    (tmp_path / "fine.json").write_text(json.dumps({"tokens": tokens, "mentions": mentions}) + "\n")
    corpus = load_application("entity", "ontonotes").read(tmp_path, SECTION)

    assert corpus.gold.set_index("id").T.to_dict("list") == {
        "x:1:0-1": ["Person", "Businessperson", "N/A"],
        "x:1:2-3": ["Person", "Other Person", "N/A"],
        "x:1:4-5": ["Organization", "N/A", "Company"],
        "x:1:6-7": ["Organization", "N/A", "Other Organization"],
    }
    assert (corpus.counts["mentions"], corpus.counts["ungraded"]) == (5, 1)
    assert set((corpus.groups or {}).values()) == {"x"}


def test_ontonotes_folders_of_splits_are_kept(tmp_path: Path) -> None:
    """Dev is drawn from train where no folder gives it; a mention of test without gold is named, or left out."""
    sentences = {
        "train/a.name": ["Ada", "Bryn"],
        "train/b.name": ["Cai", "Dai"],
        "test/a.name": ["Eda", "Fay"],
    }
    fine = []
    for place, names in sentences.items():
        lines = [f'<ENAMEX TYPE="PERSON">{name}</ENAMEX> sang .' for name in names]
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("\n".join([f'<DOC DOCNO="{place}">', *lines, "</DOC>"]) + "\n")
        mentions = [{"start": 0, "end": 1, "labels": ["/person"]}]
        fine += [json.dumps({"tokens": [name, "sang", "."], "mentions": mentions}) for name in names if name != "Fay"]
    (tmp_path / "fine.json").write_text("\n".join(fine))
    ontonotes = load_application("entity", "ontonotes")

    with pytest.raises(
        CorpusError, match=r"test: 'Fay' in sentence test:test/a\.name:2 has no fine types; or set corpus"
    ):
        ontonotes.read(tmp_path, SECTION)
    corpus = ontonotes.read(tmp_path, SECTION | {"on_error": "skip"})

    assert corpus.counts["skipped_no_gold"] == 1
    splits = corpus.splits or {}
    assert {name for name, split in splits.items() if split == "test"} == {"test:test/a.name:1:0-1"}
    # One mention of train is drawn for dev; the other of its document is in no split that counts.
    assert sorted(split for name, split in splits.items() if name.startswith("train")) == [
        "dev",
        "rest",
        "train",
        "train",
    ]


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


def test_labels_belong_to_a_corpus() -> None:
    with pytest.raises(ValueError, match=r"'entity' has no labels for corpus 'local'; it has for \['fewnerd'"):
        load_application("entity", "local")


@pytest.mark.skipif(not FEWNERD.is_file(), reason=f"no Few-NERD at {FEWNERD}; name its file in METAL_FEWNERD")
def test_few_nerd_is_read_whole(application: Application[Any]) -> None:
    corpus = application.read(FEWNERD, SECTION)

    assert corpus.counts == {"sentences": 19530, "mentions": 17221, "ungraded": 0}
    assert set(map(tuple, corpus.gold[list(application.tasks.names)].drop_duplicates().to_numpy())) == set(
        application.tasks.feasible
    )
