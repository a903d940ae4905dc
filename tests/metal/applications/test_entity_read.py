"""How the entity application reads its corpora, on invented sentences."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from metal.application import Application
from metal.applications import load_application
from metal.corpora import CorpusError
from tests.local_imports import ROOT

FEWNERD = Path(os.environ.get("METAL_FEWNERD", ROOT.parent / "shared" / "corpora" / "fewnerd" / "fewnerd.txt"))
SECTION = {"name": "fewnerd", "on_error": "raise", "train": 4, "dev": 1, "test": 1, "seed": 0}


@pytest.fixture(scope="module")
def application() -> Application[Any]:
    return load_application("entity", "fewnerd")


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
