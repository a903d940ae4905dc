"""Reading pairs of spans out of a relation corpus: texts for the sources, and gold apart from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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
from metal.applications.relation.view import COLUMNS, columns
from metal.corpora import Skips
from metal.corpora.knowledgenet import read_facts

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
    """Read a file of KnowledgeNet; of its configuration section only `on_error` ("raise" or "skip") matters here.

    Facts of one document come into one split. Raises CorpusError (see `metal.corpora.knowledgenet.read_facts`).
    """
    skips, counts = Skips(section["on_error"]), Counter[str]()
    facts = list(read_facts(path, skips, counts))
    gold = [(fact.id, *VECTORS[KNOWLEDGENET[fact.relation]]) for fact in facts]
    return Corpus(
        examples=pd.DataFrame([columns(fact) for fact in facts], columns=list(COLUMNS)),
        gold=pd.DataFrame(gold, columns=["id", *FACTS.names]),
        counts={**counts, **{f"skipped_{kind}": number for kind, number in skips.counts.items()}},
        groups={fact.id: fact.document for fact in facts},
    )
