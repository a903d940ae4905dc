"""Relations between two names in a sentence: who was born, works, studied where, founded what? (The relation task.)

Start with `relations` (the task graph), then `view` (what a source sees: the sentence with SUBJ and OBJ in it), then
the sources: `sources_types` (coarse: what are subject and object?), `sources_persons` and `sources_bodies` (fine),
whose words are in `dictionaries` and whose shared conditions are in `cues`. `read` turns a corpus into examples.
"""

from __future__ import annotations

from metal.application import Application, Row
from metal.applications.relation.read import read_knowledgenet, read_tacred
from metal.applications.relation.relations import FACTS
from metal.applications.relation.sources_bodies import ENTERPRISES, MEMBERSHIP
from metal.applications.relation.sources_persons import LIFE_AND_KIN, PLACES
from metal.applications.relation.sources_types import TYPES
from metal.applications.relation.typed import GIVEN, TOLD, TYPED_FACTS
from metal.applications.relation.view import text, view

__all__ = ["FACTS", "applications"]

DEPENDENCIES = (
    # They read the same brackets after a name.
    ("subject_life", "first_in_brackets"),
    ("subject_life", "last_in_brackets"),
    # They read the same word for a people.
    ("object_people", "people_by_form"),
    ("object_people", "people_of_occupation"),
)
"""G_source: pairs of sources that read the same words, and so err together.

A known simplification: sources that look for one cue at several distances (`founder`, `founded_by` and
`foundation_alone`; `chief` and its kin; `married` and `marriage_alone`; `studied` and `school_and_study`) depend on
each other too, and the fit says so. Declared, they cost the label model 4 points of accuracy on the development split.
"""

KNOWLEDGENET: Application[Row] = Application(
    name="relation",
    tasks=FACTS,
    sources=(*TYPES, *PLACES, *LIFE_AND_KIN, *MEMBERSHIP, *ENTERPRISES),
    read=read_knowledgenet,
    view=view,
    text=text,
    dependencies=DEPENDENCIES,
)
TYPED_SOURCES = (*GIVEN, *TOLD)
TACRED: Application[Row] = Application(
    name="relation",
    tasks=TYPED_FACTS,
    sources=TYPED_SOURCES,
    read=read_tacred,
    view=view,
    text=text,
    dependencies=tuple(pair for pair in DEPENDENCIES if {*pair} <= {source.name for source in TYPED_SOURCES}),
)
applications = {"knowledgenet": KNOWLEDGENET, "tacred": TACRED, "sample": TACRED}
"""The application by corpus: TACRED types the spans, and has pairs without a relation."""
