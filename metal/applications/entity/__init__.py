"""Persons and organizations in their sentence, and which sort of each. (The paper's entity task.)"""

from __future__ import annotations

from metal.application import Application, Row
from metal.applications.entity.kinds import POLITICIAN, POLITICS
from metal.applications.entity.read import read_fewnerd
from metal.applications.entity.sources_kind import KIND
from metal.applications.entity.sources_organization import ORGANIZATION_SOURCES
from metal.applications.entity.sources_person import person_sources
from metal.applications.entity.view import text, view

applications: dict[str, Application[Row]] = {
    "fewnerd": Application(
        name="entity",
        tasks=POLITICS,
        sources=(*KIND, *person_sources(POLITICIAN), *ORGANIZATION_SOURCES),
        read=read_fewnerd,
        view=view,
        text=text,
        dependencies=(),
    ),
}
