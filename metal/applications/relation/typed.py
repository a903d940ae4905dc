"""Relations where the corpus types the spans: the task graph and the sources for TACRED's form.

TACRED has 41 relations and pairs without any. 20 of them are gathered into 14 relations of the untyped task graph, all
but party: cities, provinces and countries are places alike (`GATHERED` has the table). What remains is Other:

- `no_relation`, most of the corpus
- of persons: alternate names, siblings and other family, children (whose direction is against that of parents);
  with Re-TACRED's labels, identity
- of organizations: alternate names, members and member of, shareholders, subsidiaries, affiliation, dissolution
- where someone died, since sources tell birth and residence alone
- a relation between spans of kinds that do not fit it, such as an employer that is a country

Objects that are neither person, organization, place nor date (titles, ages, charges, causes of death, religions,
numbers, websites) are of the kind Other, for which no relation is told at all.

Re-TACRED calls what was `org:*_of_headquarters` branches; these are Headquarters too.
"""

from __future__ import annotations

from itertools import product

from metal.application import Row
from metal.applications.relation import relations as names
from metal.applications.relation.cues import sentence
from metal.applications.relation.relations import (
    DATE,
    OBJECT,
    ORGANIZATION,
    PARTY,
    PERSON,
    PLACE,
    SUBJECT,
    TASKS,
    VECTORS,
)
from metal.applications.relation.sources_bodies import ENTERPRISES, MEMBERSHIP
from metal.applications.relation.sources_persons import LIFE_AND_KIN, PLACES
from metal.conditions import Condition, among
from metal.sources import Source, Vote, declare
from metal.tasks import NOT_APPLICABLE, LabelVector, Task, TaskGraph

OTHER = "Other"

KINDS = {
    "PERSON": PERSON,
    "ORGANIZATION": ORGANIZATION,
    **dict.fromkeys(("CITY", "COUNTRY", "STATE_OR_PROVINCE", "LOCATION", "NATIONALITY"), PLACE),
    "DATE": DATE,
}
"""The kind of the corpus's types; of the others it is Other."""
SIZES = ("city", "country", "stateorprovince")
GATHERED = {
    **dict.fromkeys(
        ("per:cities_of_residence", "per:countries_of_residence", "per:stateorprovinces_of_residence"), names.RESIDENCE
    ),
    **dict.fromkeys(("per:city_of_birth", "per:country_of_birth", "per:stateorprovince_of_birth"), names.BIRTHPLACE),
    "per:origin": names.NATIONALITY,
    "per:employee_of": names.EMPLOYER,
    "per:schools_attended": names.EDUCATION,
    "per:spouse": names.SPOUSE,
    "per:parents": names.PARENT,
    "per:date_of_birth": names.BIRTH_DATE,
    "per:date_of_death": names.DEATH_DATE,
    **dict.fromkeys(
        (f"org:{size}_of_{seat}" for size, seat in product(SIZES, ("headquarters", "branch"))), names.HEADQUARTERS
    ),
    "org:founded_by": names.FOUNDER,
    "org:top_members/employees": names.CHIEF,
    "org:founded": names.FOUNDED,
    "org:parents": names.OWNER,
}
"""Our relation for those of TACRED that have one; the others are Other."""

RELATION_TASKS = tuple(task.name for task in TASKS[2:])
TYPED_TASKS = (
    TASKS[0],
    Task(OBJECT, (*TASKS[1].labels, OTHER)),
    *(Task(task.name, (*(label for label in task.labels if label != PARTY), OTHER)) for task in TASKS[2:]),
)


BY_OBJECT = {
    PLACE: names.PERSON_PLACE,
    ORGANIZATION: names.PERSON_ORGANIZATION,
    PERSON: names.PERSON_PERSON,
    DATE: names.PERSON_PERSON,
}
"""The task that tells a person's relation to an object of this kind."""


def other(subject: str, object_: str) -> LabelVector:
    """Return the label vector of a pair of these kinds with another relation than those told, or none."""
    told = names.OF_ORGANIZATION if subject == ORGANIZATION else BY_OBJECT.get(object_)
    return (
        subject,
        object_,
        *(OTHER if task == told and object_ != OTHER else NOT_APPLICABLE for task in RELATION_TASKS),
    )


PAIRS = tuple(product(TASKS[0].labels, (*TASKS[1].labels, OTHER)))
TYPED_FACTS = TaskGraph(
    TYPED_TASKS,
    [*(vector for relation, vector in VECTORS.items() if relation != PARTY), *(other(*pair) for pair in PAIRS)],
)


def vector_of(relation: str, subject_type: str, object_type: str) -> LabelVector:
    """Return the label vector of a sentence of TACRED; a relation between unexpected types is Other."""
    kinds = (KINDS[subject_type], KINDS.get(object_type, OTHER))
    vector = VECTORS.get(GATHERED.get(relation, ""))
    return vector if vector is not None and vector[:2] == kinds else other(*kinds)


def typed(subject: str, object_: str) -> Condition:
    """Hold where the corpus types the spans as these kinds."""
    return _of_kind("subject_type", subject) & _of_kind("object_type", object_)


def _of_kind(column: str, kind: str) -> Condition:
    if kind == OTHER:
        return ~among(column, KINDS)
    return among(column, [name for name, known in KINDS.items() if known == kind])


def _otherwise(name: str, condition: Condition, says: str) -> Source[Row]:
    """Declare a source that votes Other in the task that the kinds call for, where the condition holds."""
    votes: dict[Vote, Condition] = {}
    for pair in PAIRS:
        vector = other(*pair)[2:]
        if OTHER in vector:
            holds = condition & typed(*pair)
            votes[vector] = votes[vector] | holds if vector in votes else holds
    return declare(name, tasks=RELATION_TASKS, votes=votes, says=says)


GIVEN = (
    declare(
        "given_subject",
        tasks=SUBJECT,
        votes={kind: _of_kind("subject_type", kind) for kind in (PERSON, ORGANIZATION)},
        says="The corpus types the subject.",
    ),
    declare(
        "given_object",
        tasks=OBJECT,
        votes={kind: _of_kind("object_type", kind) for kind in (PLACE, ORGANIZATION, PERSON, DATE, OTHER)},
        says="The corpus types the object.",
    ),
    _otherwise("far_apart", sentence(r"(?:SUBJ|OBJ)(?: \S+){12,} (?:SUBJ|OBJ)"), "Names far apart have no relation."),
    _otherwise(
        "spoken_of",
        sentence(r"SUBJ(?: \S+){0,2} (?:about|against|criticized|praised|told|asked|wrote|said)\b.*OBJ"),
        "Who is spoken or written of has no relation to the speaker.",
    ),
    _otherwise(
        "another_clause",
        sentence(
            r"(?:SUBJ|OBJ)[^;:]*[;:].*(?:SUBJ|OBJ)", r"(?:SUBJ|OBJ).*(?:, (?:and|but|while)| whereas) .*(?:SUBJ|OBJ)"
        ),
        "Names in two clauses have no relation.",
    ),
)
"""Sources on the given types, and those for Other."""

TOLD = tuple(
    source
    for source in (*PLACES, *LIFE_AND_KIN, *MEMBERSHIP, *ENTERPRISES)
    if not any(PARTY in vector for vector in source.vectors)
)
"""The sources of the untyped task graph that tell relations."""
