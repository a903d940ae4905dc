"""How the sources say what they look for: patterns over the marked sentence, and what subject and object may be."""

from __future__ import annotations

from metal.applications.relation.dictionaries import (
    CHIEFS,
    CHILDREN,
    CITIES,
    COUNTRIES,
    ENTERPRISE,
    FIRST_NAMES,
    FOUNDERS,
    HE_OR_SHE,
    INSTITUTION,
    IT,
    MARRIED,
    MONTHS,
    PARENTS,
    PARTISAN,
    PEOPLES,
    SCHOOL,
    STATES,
    listed,
)
from metal.conditions import Condition, among, matches


def sentence(*patterns: str, ignore_case: bool = False) -> Condition:
    """Hold where the sentence, marked with SUBJ and OBJ, has any of the patterns; `…` is up to 60 characters."""
    return matches("sentence", "|".join(patterns).replace("…", "[^;]{0,60}"), ignore_case=ignore_case)


BODY = rf"\b(?:{SCHOOL}s?|{ENTERPRISE}|{INSTITUTION})"
DATED = matches(
    "object", rf"\b(?:1\d|20)\d\d\b|\b\d{{1,2}} {MONTHS}|{MONTHS} \d|^{MONTHS}$|^\d{{3,4}}$|\b[12]?\d{{2,3}}0s\b"
)
"""The object is a date."""
CALLED = matches("object", rf"^{FIRST_NAMES}\b") | among("object", HE_OR_SHE)
"""The object is called like a person."""
SCHOLARLY = matches("object", rf"\b{SCHOOL}")
PARTISAN_BODY = matches("object", rf"\b{PARTISAN}")
PEOPLE = among("object", [*PEOPLES, *(people.lower() for people in PEOPLES)])
KNOWN_PLACE = among("object", listed(COUNTRIES + STATES + CITIES))
# One is married, and born, to people.
INSIDE = sentence(
    r"\b(?:in|near|from|(?<!married )(?<!engaged )(?<!born )to) (?:(?:rural|nearby|the|downtown|[a-z]+ern) )*OBJ"
)

SOMEBODY = ~DATED & ~INSIDE & ~KNOWN_PLACE & ~PEOPLE & ~matches("object", BODY)
"""The object may be a person."""
SOMEWHERE = ~DATED & ~CALLED & ~PEOPLE & ~PARTISAN_BODY & ~matches("object", BODY)
"""The object may be a place."""
SOME_BODY = ~DATED & ~CALLED & ~PEOPLE & ~KNOWN_PLACE
"""The object may be an organization."""

NAMED = matches("subject", rf"^{FIRST_NAMES}\b") | among("subject", HE_OR_SHE)
"""The subject is called like a person."""
INSTITUTIONAL = (matches("subject", BODY) | among("subject", IT)) & ~NAMED
"""The subject is called like an organization."""

KIN = sentence(rf"\b(?:{MARRIED}|{CHILDREN}|{PARENTS})\b")
"""The sentence speaks of family."""
SOMEBODY_OF_IT = SOMEBODY & ~NAMED & ~KIN
"""Subject and object may be an organization and somebody, of whose family nothing is said."""
SERVED = SOME_BODY & ~PARTISAN_BODY & ~INSTITUTIONAL
"""Subject and object may be somebody and an organization other than a party."""
SEAT_OF_POWER = matches(
    "object", r"House|Chamber|Representatives|Legislature|Bundestag|Reichstag|Duma|Knesset|Cabinet|Government"
)
"""The object is a parliament or a government."""
SERVED_PARTY = (
    SOME_BODY
    & ~INSTITUTIONAL
    & ~INSIDE
    & ~matches("object", BODY)
    & ~SEAT_OF_POWER
    & ~among("object", [*IT, "where"])
    & ~KIN
)
"""Subject and object may be somebody and a party."""
AT_ITS_HEAD = sentence(
    rf"\b{CHIEFS},? OBJ", rf"OBJ(?: was| is| also|,| the| its| current| former)* {CHIEFS}", ignore_case=True
)
"""The title stands right beside the object."""
AMONG_ITS_FOUNDERS = sentence(
    rf"\b{FOUNDERS}(?: by)?,? OBJ", rf"OBJ(?: was| is| also|,| the| its| a)* {FOUNDERS}", ignore_case=True
)
"""The word of foundation stands right beside the object."""
