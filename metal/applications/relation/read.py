"""Reading pairs of spans out of a relation corpus: texts for the sources, and gold apart from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from metal.application import Corpus
from metal.applications.relation.relations import (
    BIRTH_DATE,
    BIRTHPLACE,
    CHIEF,
    DEATH_DATE,
    EDUCATION,
    EMPLOYER,
    FACTS,
    FOUNDED,
    FOUNDER,
    HEADQUARTERS,
    NATIONALITY,
    OWNER,
    PARENT,
    PARTY,
    RESIDENCE,
    SPOUSE,
    VECTORS,
)
from metal.applications.relation.typed import vector_of
from metal.applications.relation.view import COLUMNS, columns
from metal.corpora import Skips, knowledgenet, tacred
from metal.corpora.facts import Fact
from metal.corpora.splits import REST, given_splits, split_files
from metal.tasks import LabelVector

KNOWLEDGENET = {
    "PLACE_OF_RESIDENCE": RESIDENCE,
    "PLACE_OF_BIRTH": BIRTHPLACE,
    "NATIONALITY": NATIONALITY,
    "EMPLOYEE_OR_MEMBER_OF": EMPLOYER,
    "EDUCATED_AT": EDUCATION,
    "POLITICAL_AFFILIATION": PARTY,
    "SPOUSE": SPOUSE,
    "CHILD_OF": PARENT,
    "DATE_OF_BIRTH": BIRTH_DATE,
    "DATE_OF_DEATH": DEATH_DATE,
    "HEADQUARTERS": HEADQUARTERS,
    "FOUNDED_BY": FOUNDER,
    "CEO": CHIEF,
    "DATE_FOUNDED": FOUNDED,
    "SUBSIDIARY_OF": OWNER,
}
"""Our relation for each of KnowledgeNet's properties."""


def read_knowledgenet(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read a file of KnowledgeNet, or a folder of such files named train, dev and test (see `split_files`).

    Facts of one document come into one split, and those of train whose document is in a given dev or test file into
    none. Of the configuration section, `on_error` ("raise" or "skip") matters here, and `dev`, `test` and `seed` where
    a folder leaves dev or test to be drawn. Raises CorpusError (see `metal.corpora.knowledgenet.read_facts`).
    """
    return _corpus(
        path, section, knowledgenet.read_facts, lambda fact: VECTORS[KNOWLEDGENET[fact.relation]], FACTS.names
    )


def read_tacred(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read a file of TACRED, or a folder of such files, as `read_knowledgenet` does.

    A file named by the section's `patches` has labels that replace those of the corpus. Raises CorpusError (see
    `metal.corpora.tacred.read_facts` and `read_patch`).
    """
    named = section.get("patches")
    patch = None if named is None else tacred.read_patch(Path(named))
    return _corpus(
        path,
        section,
        partial(tacred.read_facts, patch=patch),
        lambda fact: vector_of(fact.relation, fact.subject_type, fact.object_type),
        FACTS.names,
    )


def _corpus(
    path: Path,
    section: Mapping[str, Any],
    read: Callable[[Path, Skips, Counter[str]], Iterable[Fact]],
    label: Callable[[Fact], LabelVector],
    tasks: Sequence[str],
) -> Corpus:
    skips, counts = Skips(section["on_error"]), Counter[str]()
    rows, gold, groups = [], [], {}
    members: dict[str, list[str]] = {}
    for split, file in split_files(path).items():
        ids = members.setdefault(split, [])
        for found in read(file, skips, counts):
            fact = found if split == REST else replace(found, id=f"{split}:{found.id}")
            rows.append(columns(fact))
            gold.append((fact.id, *label(fact)))
            groups[fact.id] = fact.document
            ids.append(fact.id)
    sizes = {key: section[key] for key in ("dev", "test", "seed")} if REST not in members else {}
    return Corpus(
        examples=pd.DataFrame(rows, columns=list(COLUMNS)),
        gold=pd.DataFrame(gold, columns=["id", *tasks]),
        counts={**counts, **{f"skipped_{kind}": number for kind, number in skips.counts.items()}},
        splits=given_splits(members, groups, groups, **sizes) if sizes else None,
        groups=groups,
    )
