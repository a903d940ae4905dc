"""Coarse sources: what are subject and object? They read shapes, dictionaries and the words right beside the spans."""

from __future__ import annotations

from metal.applications.relation.cues import (
    BODY,
    CALLED,
    DATED,
    INSIDE,
    KNOWN_PLACE,
    NAMED,
    PARTISAN_BODY,
    PEOPLE,
    sentence,
)
from metal.applications.relation.dictionaries import FIRST_NAMES, HE_OR_SHE, IT, TITLES
from metal.applications.relation.relations import (
    DATE,
    NATIONALITY,
    OBJECT,
    ORGANIZATION,
    PERSON,
    PERSON_PLACE,
    PLACE,
    SUBJECT,
)
from metal.conditions import among, matches
from metal.sources import declare

TYPES = (
    declare(
        "subject_pronoun",
        tasks=SUBJECT,
        votes={PERSON: among("subject", HE_OR_SHE), ORGANIZATION: among("subject", IT)},
        says="He, she and I are persons; it, we and the company are organizations.",
    ),
    declare(
        "subject_first_name",
        tasks=SUBJECT,
        votes={PERSON: matches("subject", rf"^{FIRST_NAMES}\b") & ~matches("subject", BODY)},
        says="A common first name begins the name of a person.",
    ),
    declare(
        "subject_body",
        tasks=SUBJECT,
        votes={ORGANIZATION: matches("subject", BODY)},
        says="Names with Inc, University, Club or the like are those of organizations.",
    ),
    declare(
        "subject_sign",
        tasks=SUBJECT,
        votes={ORGANIZATION: matches("subject", r"^[A-Z][A-Z&.-]+$|[a-z][A-Z]|\d|&|\.com")},
        says="Capitals, numbers and signs within a name are those of organizations.",
    ),
    declare(
        "subject_article",
        tasks=SUBJECT,
        votes={ORGANIZATION: sentence(r"\b[Tt]he (?:\w+ )?SUBJ\b") & ~NAMED},
        says="Persons have no article.",
    ),
    declare(
        "subject_title",
        tasks=SUBJECT,
        votes={PERSON: sentence(rf"\b{TITLES} SUBJ") | matches("subject", rf"^{TITLES} |, (?:Jr|Sr|III|II)\b")},
        says="A title stands before a person's name.",
    ),
    declare(
        "subject_life",
        tasks=SUBJECT,
        votes={PERSON: sentence(r"SUBJ,? \((?:[^()]*;)? ?(?:b\.|born|died|d\.|nee|c\.|[^()]*\d{4} ?-)")},
        says="Dates of a life stand in brackets after a person's name.",
    ),
    declare(
        "object_date",
        tasks=OBJECT,
        votes={DATE: DATED},
        says="Years and months are dates.",
    ),
    declare(
        "object_people",
        tasks=(OBJECT, PERSON_PLACE),
        votes={(PLACE, NATIONALITY): PEOPLE},
        says="The name of a people is a nationality.",
    ),
    declare(
        "object_place_name",
        tasks=OBJECT,
        votes={PLACE: KNOWN_PLACE},
        says="Countries, states and large cities are places.",
    ),
    declare(
        "object_inside",
        tasks=OBJECT,
        votes={PLACE: INSIDE & ~DATED & ~CALLED & ~matches("object", BODY)},
        says="What something is in, near or from is a place.",
    ),
    declare(
        "object_within_list",
        tasks=OBJECT,
        votes={
            PLACE: sentence(r"\b(?:in|at|of|from|to|near) (?:[A-Z][\w.]+ ?){1,3}, OBJ\b|\bin OBJ, [A-Z]")
            & ~DATED
            & ~matches("object", BODY)
        },
        says="A place is often followed by the larger place that it lies in.",
    ),
    declare(
        "object_body",
        tasks=OBJECT,
        votes={ORGANIZATION: matches("object", BODY) | PARTISAN_BODY},
        says="Names with Inc, University, Party or the like are those of organizations.",
    ),
    declare(
        "object_sign",
        tasks=OBJECT,
        votes={ORGANIZATION: matches("object", r"^[A-Z][A-Z&]{2,}$|&|\.com") & ~DATED & ~KNOWN_PLACE},
        says="Capitals and signs within a name are those of organizations.",
    ),
    declare(
        "object_article",
        tasks=OBJECT,
        votes={ORGANIZATION: sentence(r"\b[Tt]he OBJ\b") & ~DATED & ~KNOWN_PLACE & ~matches("object", r"^[a-z]|s$")},
        says="Of what can be an object, organizations have an article.",
    ),
    declare(
        "object_pronoun",
        tasks=OBJECT,
        votes={PERSON: among("object", HE_OR_SHE), ORGANIZATION: among("object", IT)},
        says="He, she and I are persons; it, we and the company are organizations.",
    ),
    declare(
        "object_first_name",
        tasks=OBJECT,
        votes={
            PERSON: matches("object", rf"^(?:{TITLES} )?{FIRST_NAMES}\b")
            & ~DATED
            & ~KNOWN_PLACE
            & ~matches("object", BODY)
        },
        says="A common first name begins the name of a person.",
    ),
)
"""Sources that vote on types alone."""
