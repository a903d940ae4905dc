"""Fine sources for persons: where and when they were born and died, where they live, and who belongs to them."""

from __future__ import annotations

from metal.applications.relation.cues import (
    DATED,
    INSTITUTIONAL,
    KNOWN_PLACE,
    NAMED,
    PEOPLE,
    SOMEBODY,
    SOMEWHERE,
    sentence,
)
from metal.applications.relation.dictionaries import CHILDREN, DIED, LIVES, MARRIED, OCCUPATION, PARENTS
from metal.applications.relation.relations import (
    BIRTH_DATE,
    BIRTHPLACE,
    DATE,
    DEATH_DATE,
    NATIONALITY,
    OBJECT,
    PARENT,
    PERSON,
    PERSON_PERSON,
    PERSON_PLACE,
    PLACE,
    RESIDENCE,
    SPOUSE,
    SUBJECT,
)
from metal.conditions import matches
from metal.sources import declare

PLACED = SOMEWHERE & ~INSTITUTIONAL

PLACES = (
    declare(
        "born_where",
        tasks=PERSON_PLACE,
        votes={
            BIRTHPLACE: sentence(r"\b(?:born|birth|b\.)[^.;]{0,50}\b(?:in|at|near|of|outside)\b[^;]{0,40}\bOBJ")
            & PLACED
        },
        says="Who is born in a place has it as birthplace.",
    ),
    declare(
        "native",
        tasks=PERSON_PLACE,
        votes={
            BIRTHPLACE: sentence(
                r"\bnatives? (?:of )?(?:[\w,.]+ ){0,2}OBJ",
                r"OBJ (?:, [\w.]+ )?native|OBJ-born",
                r"\b(?:hails?|hailing|originally|comes?|came) from …OBJ",
            )
            & PLACED
        },
        says="A native was born there.",
    ),
    declare(
        "place_in_brackets",
        tasks=PERSON_PLACE,
        votes={BIRTHPLACE: sentence(r"SUBJ,? \([^()]{0,60}\bOBJ") & PLACED},
        says="A place in the brackets after a name is where that person was born.",
    ),
    declare(
        "lives_where",
        tasks=PERSON_PLACE,
        votes={RESIDENCE: sentence(rf"\b{LIVES}\b[^.;]{{0,50}}\bOBJ") & PLACED},
        says="Where somebody lives, moves, settles or grows up is a residence.",
    ),
    declare(
        "place_without_birth",
        tasks=PERSON_PLACE,
        votes={
            RESIDENCE: PLACED
            & NAMED
            & (KNOWN_PLACE | sentence(r"\b(?:in|near) (?:(?:rural|nearby|the|downtown|[a-z]+ern) )*OBJ"))
            & ~sentence(r"\b(?:born|birth|native|citizen|studied|based)\b")
        },
        says="Where nobody is born or based, the place of a person is a residence.",
    ),
    declare(
        "person_in_place",
        tasks=(SUBJECT, OBJECT),
        votes={(PERSON, PLACE): sentence(rf"\b(?:born|native|{LIVES})\b…OBJ") & PLACED},
        says="Who is born or lives somewhere is a person.",
    ),
    declare(
        "citizen",
        tasks=PERSON_PLACE,
        votes={
            NATIONALITY: sentence(
                r"\b(?:citizen(?:ship)?|nationality|nationals? of)\b…OBJ", r"OBJ(?:'s)? (?:citizen|national\b|passport)"
            )
            & (KNOWN_PLACE | PEOPLE)
        },
        says="Citizens of a country have its nationality.",
    ),
    declare(
        "people_by_form",
        tasks=PERSON_PLACE,
        votes={
            NATIONALITY: matches("object", r"^[A-Z][a-z]+(?:an|ish|ese|ian|stani|eli|aqi|ni|sh)(?:[- ]?born)?$")
            & sentence(r"\b(?:is|was|an?|the|former|are)\b ?(?:[\w-]+ ){0,2}OBJ")
            & ~KNOWN_PLACE
        },
        says="A word such as Xish after `is a` names a people.",
    ),
    declare(
        "people_of_occupation",
        tasks=PERSON_PLACE,
        votes={NATIONALITY: sentence(rf"\bOBJ(?:-born)?,? (?:[\w-]+,? ){{0,3}}{OCCUPATION}") & PEOPLE},
        says="A people stands before an occupation.",
    ),
)
"""Sources that tell residence, birthplace and nationality apart."""

LIFE_AND_KIN = (
    declare(
        "born_when",
        tasks=PERSON_PERSON,
        votes={
            BIRTH_DATE: sentence(r"\b(?:born|birth|b\.|nee)\b[^.;]{0,60}?\bOBJ|OBJ[^.;]{0,20}\bbirth")
            & ~sentence(r"\b(?:died|dead|d\.)[^.;]{0,30}OBJ")
            & DATED
        },
        says="A date after `born` is one of birth.",
    ),
    declare(
        "first_in_brackets",
        tasks=PERSON_PERSON,
        votes={BIRTH_DATE: sentence(r"\((?:[^()]*; |[^()\d]*)OBJ(?:[^()\d]{0,30})?- ?|\(OBJ\)?\s?-") & DATED},
        says="The first date in brackets is one of birth.",
    ),
    declare(
        "last_in_brackets",
        tasks=PERSON_PERSON,
        votes={DEATH_DATE: sentence(r"\d[^()]{0,30}- ?[^()\d]{0,30}OBJ[^()\d]{0,30}\)") & DATED},
        says="The last date in brackets is one of death.",
    ),
    declare(
        "died_when",
        tasks=PERSON_PERSON,
        votes={
            DEATH_DATE: sentence(
                rf"\b{DIED}[^;]{{0,60}}\bOBJ|OBJ[^.;]{{0,30}}\b(?:died|death|killed|assassinat|murder)"
            )
            & ~sentence(r"\bborn [^.;]{0,12}OBJ")
            & DATED
        },
        says="A date after `died` or `killed` is one of death.",
    ),
    declare(
        "dates_of_persons",
        tasks=(SUBJECT, OBJECT),
        votes={(PERSON, DATE): sentence(rf"\b(?:born|died|birthday|death|{DIED})\b") & DATED},
        says="Where somebody is born or dies, dates are those of a person.",
    ),
    declare(
        "married",
        tasks=PERSON_PERSON,
        votes={SPOUSE: sentence(rf"(?:SUBJ|OBJ)…{MARRIED}…(?:SUBJ|OBJ)") & SOMEBODY},
        says="Wives, husbands and weddings stand between the married.",
    ),
    declare(
        "wedding_before",
        tasks=PERSON_PERSON,
        votes={SPOUSE: sentence(rf"{MARRIED}[^.;]{{0,40}}(?:SUBJ|OBJ)\b[^.;]{{0,12}}(?:SUBJ|OBJ)") & SOMEBODY},
        says="Wives and husbands stand before both names.",
    ),
    declare(
        "couple",
        tasks=PERSON_PERSON,
        votes={SPOUSE: sentence(r"(?:SUBJ|OBJ) (?:and|&) (?:his wife,? |her husband,? )?(?:SUBJ|OBJ)\b") & SOMEBODY},
        says="Two names joined by `and` are those of a couple.",
    ),
    declare(
        "child_of",
        tasks=PERSON_PERSON,
        votes={PARENT: sentence(rf"SUBJ…\b{CHILDREN} (of|to)\b…OBJ|\b{CHILDREN} of …OBJ|born to …OBJ") & SOMEBODY},
        says="A son or daughter of somebody has that one as parent.",
    ),
    declare(
        "whose_child",
        tasks=PERSON_PERSON,
        votes={PARENT: sentence(rf"OBJ(?:'s?)?,? (?:[\w-]+,? ){{0,4}}{CHILDREN}\b[^.;]{{0,60}}SUBJ") & SOMEBODY},
        says="Somebody's son or daughter follows the parent.",
    ),
    declare(
        "whose_parent",
        tasks=PERSON_PERSON,
        votes={
            PARENT: sentence(
                rf"SUBJ(?:'s?)?,? (?:[\w-]+,? ){{0,3}}{PARENTS}\b[^.;]{{0,60}}OBJ",
                rf"OBJ[^.;]{{0,25}}\b{PARENTS} of[^.;]{{0,50}}SUBJ",
            )
            & ~INSTITUTIONAL
            & SOMEBODY
        },
        says="Somebody's father or mother follows the child.",
    ),
    declare(
        "marriage_alone",
        tasks=PERSON_PERSON,
        votes={
            SPOUSE: sentence(rf"\b{MARRIED}\b")
            & ~sentence(rf"\b(?:{CHILDREN}|{PARENTS})\b")
            & SOMEBODY
            & ~INSTITUTIONAL
        },
        says="A sentence of marriage, without children or parents, is about spouses.",
    ),
    declare(
        "descent_alone",
        tasks=PERSON_PERSON,
        votes={
            PARENT: sentence(rf"\b(?:{CHILDREN}|{PARENTS})\b")
            & ~sentence(rf"\b{MARRIED}\b")
            & SOMEBODY
            & ~INSTITUTIONAL
        },
        says="A sentence of children or parents, without marriage, is about descent.",
    ),
    declare(
        "kin",
        tasks=(SUBJECT, OBJECT),
        votes={
            (PERSON, PERSON): sentence(
                rf"\b(?:{MARRIED}|{CHILDREN}|{PARENTS}|family|brother|sister)\b", ignore_case=True
            )
            & SOMEBODY
            & ~INSTITUTIONAL
        },
        says="Words of kinship speak of persons.",
    ),
)
"""Sources that tell spouses, parents, and dates of birth and death apart."""
