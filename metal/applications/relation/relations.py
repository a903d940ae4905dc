"""The task graph of relations: what are subject and object, and how do they stand to each other? (The relation task.)

Six tasks as in the paper's relation application: the type of the subject, that of the object, and the relation of a
person to a place, to an organization, to a person or date, and of an organization to anything. Subject and object
decide which of the last four applies, so that exactly one label vector belongs to each relation.
"""

from __future__ import annotations

from metal.tasks import NOT_APPLICABLE, LabelVector, Task, TaskGraph

PERSON, ORGANIZATION, PLACE, DATE = "Person", "Organization", "Place", "Date"
SUBJECT, OBJECT = "subject_kind", "object_kind"
PERSON_PLACE, PERSON_ORGANIZATION, PERSON_PERSON = "person_place", "person_organization", "person_person"
OF_ORGANIZATION = "organization_relation"

RESIDENCE, BIRTHPLACE, NATIONALITY = "Residence", "Birthplace", "Nationality"
EMPLOYER, EDUCATION, PARTY = "Employer", "Education", "Party"
SPOUSE, PARENT, BIRTH_DATE, DEATH_DATE = "Spouse", "Parent", "Birth date", "Death date"
HEADQUARTERS, FOUNDER, CHIEF, FOUNDED, OWNER = "Headquarters", "Founder", "Chief executive", "Founded", "Owner"

TASKS = (
    Task(SUBJECT, (PERSON, ORGANIZATION)),
    Task(OBJECT, (PLACE, ORGANIZATION, PERSON, DATE)),
    Task(PERSON_PLACE, (RESIDENCE, BIRTHPLACE, NATIONALITY)),
    Task(PERSON_ORGANIZATION, (EMPLOYER, EDUCATION, PARTY)),
    Task(PERSON_PERSON, (SPOUSE, PARENT, BIRTH_DATE, DEATH_DATE)),
    Task(OF_ORGANIZATION, (HEADQUARTERS, FOUNDER, CHIEF, FOUNDED, OWNER)),
)
TYPES = {
    # relation: (subject, object, the task that tells it from others)
    RESIDENCE: (PERSON, PLACE, PERSON_PLACE),
    BIRTHPLACE: (PERSON, PLACE, PERSON_PLACE),
    NATIONALITY: (PERSON, PLACE, PERSON_PLACE),
    EMPLOYER: (PERSON, ORGANIZATION, PERSON_ORGANIZATION),
    EDUCATION: (PERSON, ORGANIZATION, PERSON_ORGANIZATION),
    PARTY: (PERSON, ORGANIZATION, PERSON_ORGANIZATION),
    SPOUSE: (PERSON, PERSON, PERSON_PERSON),
    PARENT: (PERSON, PERSON, PERSON_PERSON),
    BIRTH_DATE: (PERSON, DATE, PERSON_PERSON),
    DEATH_DATE: (PERSON, DATE, PERSON_PERSON),
    HEADQUARTERS: (ORGANIZATION, PLACE, OF_ORGANIZATION),
    FOUNDER: (ORGANIZATION, PERSON, OF_ORGANIZATION),
    CHIEF: (ORGANIZATION, PERSON, OF_ORGANIZATION),
    FOUNDED: (ORGANIZATION, DATE, OF_ORGANIZATION),
    OWNER: (ORGANIZATION, ORGANIZATION, OF_ORGANIZATION),
}


def _vector(relation: str) -> LabelVector:
    subject, object_, task = TYPES[relation]
    return (subject, object_, *(relation if other.name == task else NOT_APPLICABLE for other in TASKS[2:]))


VECTORS = {relation: _vector(relation) for relation in TYPES}
"""The label vector of each relation."""
FACTS = TaskGraph(TASKS, VECTORS.values())
