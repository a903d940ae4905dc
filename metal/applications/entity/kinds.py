"""The task graphs of entity typing: person or organization, and which sort of each? (The paper's entity task, Table 1.)

The corpora agree on all labels but one: OntoNotes' fine types tell business people from other persons, those of
Few-NERD tell politicians.
"""

from __future__ import annotations

from metal.tasks import Task, TaskGraph

POLITICIAN, BUSINESSPERSON = "Politician", "Businessperson"
OTHER_PERSON, COMPANY, OTHER_ORGANIZATION = "Other Person", "Company", "Other Organization"
PERSON, ORGANIZATION = "Person", "Organization"


def kinds(marked: str) -> TaskGraph:
    """Return the task graph with the label of the persons that are told from the others."""
    return TaskGraph.hierarchy(
        Task("kind", (PERSON, ORGANIZATION)),
        Task("person", (marked, OTHER_PERSON), parent=("kind", PERSON)),
        Task("organization", (COMPANY, OTHER_ORGANIZATION), parent=("kind", ORGANIZATION)),
    )


POLITICS = kinds(POLITICIAN)
"""The task graph on Few-NERD."""
BUSINESS = kinds(BUSINESSPERSON)
"""The task graph on OntoNotes."""
