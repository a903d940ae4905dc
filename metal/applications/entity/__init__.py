"""Persons and organizations in their sentence, and which sort of each. (The paper's entity task.)

Start with `kinds` (the task graphs), then `view` (what a source sees), then the sources: `sources_kind` (coarse),
`sources_person` and `sources_organization` (fine). What they share is in `looks`, their words in `context`, `names`,
`organizations` and `firms`. One more, a pre-trained `tagger`, comes with the corpus fewnerd_tagged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from metal.application import Application, Corpus, Row
from metal.applications.entity import tagger
from metal.applications.entity.kinds import BUSINESS, BUSINESSPERSON, POLITICIAN, POLITICS
from metal.applications.entity.read import read_fewnerd, read_ontonotes
from metal.applications.entity.sources_kind import KIND
from metal.applications.entity.sources_organization import ORGANIZATION_SOURCES
from metal.applications.entity.sources_person import person_sources
from metal.applications.entity.view import text, view
from metal.tasks import TaskGraph


def entity(tasks: TaskGraph, marked: str, read: Callable[[Path, Mapping[str, Any]], Corpus]) -> Application[Row]:
    """Return the application on a corpus that tells the `marked` persons from the others."""
    sources = (*KIND, *person_sources(marked), *ORGANIZATION_SOURCES)
    return Application(name="entity", tasks=tasks, sources=sources, read=read, view=view, text=text)


FEWNERD = entity(POLITICS, POLITICIAN, read_fewnerd)
applications = {
    "fewnerd": FEWNERD,
    "fewnerd_tagged": replace(
        FEWNERD,
        read=tagger.read_tagged_fewnerd,
        sources=(tagger.TAGGED, *FEWNERD.sources),
        dependencies=(*FEWNERD.dependencies, *tagger.DEPENDENCIES),
    ),
    **dict.fromkeys(("ontonotes", "sample"), entity(BUSINESS, BUSINESSPERSON, read_ontonotes)),
}
"""The application by corpus: in what they call persons of note the corpora differ."""
