"""Fine sources for organizations: who works, studies or sits for them; where, when and by whom they were founded."""

from __future__ import annotations

from metal.applications.relation.cues import (
    AMONG_ITS_FOUNDERS,
    AT_ITS_HEAD,
    BODY,
    CALLED,
    DATED,
    INSTITUTIONAL,
    KIN,
    NAMED,
    PARTISAN_BODY,
    SCHOLARLY,
    SERVED,
    SERVED_PARTY,
    SOME_BODY,
    SOMEBODY,
    SOMEBODY_OF_IT,
    SOMEWHERE,
    sentence,
)
from metal.applications.relation.dictionaries import (
    CHIEFS,
    FOUNDED,
    FOUNDERS,
    OWNED,
    PLAYS,
    POLITICIAN,
    POSITION,
    SEATED,
    STUDIED,
    TEACHES,
    WORKS,
)
from metal.applications.relation.relations import (
    CHIEF,
    EDUCATION,
    EMPLOYER,
    FOUNDER,
    HEADQUARTERS,
    OBJECT,
    OF_ORGANIZATION,
    ORGANIZATION,
    OWNER,
    PARTY,
    PERSON,
    PERSON_ORGANIZATION,
    SUBJECT,
)
from metal.applications.relation.relations import (
    FOUNDED as FOUNDING,
)
from metal.conditions import matches
from metal.sources import declare

MEMBERSHIP = (
    declare(
        "studied",
        tasks=PERSON_ORGANIZATION,
        votes={EDUCATION: sentence(rf"\b{STUDIED}[^;]{{0,80}}\bOBJ") & SERVED},
        says="Where somebody graduated, studied or was educated.",
    ),
    declare(
        "degree_after",
        tasks=PERSON_ORGANIZATION,
        votes={EDUCATION: sentence(rf"\bOBJ[^.;]{{0,30}}\b{STUDIED}") & SERVED & SCHOLARLY},
        says="A degree after the name of a school is from there.",
    ),
    declare(
        "school_and_study",
        tasks=PERSON_ORGANIZATION,
        votes={EDUCATION: SCHOLARLY & sentence(rf"\b{STUDIED}") & ~sentence(rf"\b{TEACHES}\b") & ~INSTITUTIONAL},
        says="A sentence of studies names the school.",
    ),
    declare(
        "teaches",
        tasks=PERSON_ORGANIZATION,
        votes={
            EMPLOYER: sentence(rf"\b{TEACHES}\b[^;]{{0,70}}\bOBJ|OBJ[^.;]{{0,30}}\b{TEACHES}\b", ignore_case=True)
            & SCHOLARLY
        },
        says="Professors and fellows are employed by the school.",
    ),
    declare(
        "works",
        tasks=PERSON_ORGANIZATION,
        votes={
            EMPLOYER: sentence(
                rf"\b{WORKS}\b[^;]{{0,50}}\b(?:at|for|of|with|in|by|from|to)\b[^;]{{0,25}}\bOBJ", ignore_case=True
            )
            & SERVED
        },
        says="Whom somebody works for, or manages, is an employer.",
    ),
    declare(
        "joined",
        tasks=PERSON_ORGANIZATION,
        votes={
            EMPLOYER: sentence(r"\b(?:join\w*|members? of|left|leav\w+) (?:the |The )?(?:\w+ ){0,2}OBJ")
            & SERVED
            & ~SCHOLARLY
        },
        says="Who joins, leaves or is a member of an organization belongs to it.",
    ),
    declare(
        "position_before",
        tasks=PERSON_ORGANIZATION,
        votes={
            EMPLOYER: sentence(
                rf"OBJ(?:'s?)? (?:[\w-]+ ){{0,3}}{POSITION}(?: and \w+)?,? (?:[A-Z]\w+,? )?SUBJ", ignore_case=True
            )
            & SERVED
        },
        says="A position stands between an employer and the employed.",
    ),
    declare(
        "position_after",
        tasks=PERSON_ORGANIZATION,
        votes={
            EMPLOYER: sentence(
                rf"SUBJ[^;]{{0,60}}\b{POSITION}s? (?:\w+ ){{0,4}}(?:at|for|of|with|in) (?:\w+ ){{0,3}}OBJ",
                ignore_case=True,
            )
            & SERVED
        },
        says="A position at an organization is an employment.",
    ),
    declare(
        "plays_for",
        tasks=PERSON_ORGANIZATION,
        votes={EMPLOYER: sentence(rf"\b{PLAYS}\b…\b(?:for|with|by|to|of) (?:\w+ ){{0,4}}OBJ") & SERVED},
        says="Players and coaches belong to their club.",
    ),
    declare(
        "body_without_study",
        tasks=PERSON_ORGANIZATION,
        votes={EMPLOYER: NAMED & SERVED & matches("object", BODY) & ~sentence(rf"\b{STUDIED}")},
        says="Where nobody studies or stands for election, the organization of a person is an employer.",
    ),
    declare(
        "somebody_at_body",
        tasks=(SUBJECT, OBJECT),
        votes={(PERSON, ORGANIZATION): NAMED & (matches("object", BODY) | PARTISAN_BODY)},
        says="A person and an organization.",
    ),
    declare(
        "party_name",
        tasks=PERSON_ORGANIZATION,
        votes={PARTY: PARTISAN_BODY},
        says="Parties are called Party, Democratic, Liberal and the like.",
    ),
    declare(
        "politician_of",
        tasks=PERSON_ORGANIZATION,
        votes={
            PARTY: sentence(
                rf"\b{POLITICIAN}\b[^;]{{0,60}}\b(?:for|of|from|as|by|with|represent\w+)\b[^;]{{0,25}}\bOBJ"
            )
            & ~DATED
            & PARTISAN_BODY
        },
        says="Politicians stand for their party.",
    ),
    declare(
        "political_sentence",
        tasks=PERSON_ORGANIZATION,
        votes={PARTY: sentence(rf"\b(?:[Pp]arty|parties|{POLITICIAN}|electoral|parliamentary)\b") & SERVED_PARTY},
        says="In a sentence about politics, a name without Inc or University is a party.",
    ),
    declare(
        "partisan_office",
        tasks=PERSON_ORGANIZATION,
        votes={
            PARTY: sentence(rf"\bOBJ (?:[\w-]+ ){{0,2}}{POLITICIAN}\b", ignore_case=True) & SOME_BODY & ~INSTITUTIONAL
        },
        says="A party stands before an office.",
    ),
)
"""Sources that tell employer, education and party apart."""

ENTERPRISES = (
    declare(
        "seated",
        tasks=OF_ORGANIZATION,
        votes={HEADQUARTERS: sentence(rf"\b{SEATED}\b[^.;]{{0,50}}\bOBJ", ignore_case=True) & SOMEWHERE & ~NAMED},
        says="Where an organization is based, located or has its offices.",
    ),
    declare(
        "seated_adjective",
        tasks=OF_ORGANIZATION,
        votes={
            HEADQUARTERS: sentence(
                r"\bOBJ(?:, [\w.]+)?-(?:based|headquartered)|\b[Hh]eadquarter\w*… ?OBJ|OBJ headquarters"
            )
        },
        says="An OBJ-based organization has its seat there.",
    ),
    declare(
        "body_in_place",
        tasks=OF_ORGANIZATION,
        votes={HEADQUARTERS: INSTITUTIONAL & SOMEWHERE & sentence(r"\b(?:in|at|of|near|from) (?:[\w.]+,? ){0,3}OBJ")},
        says="An organization in a place has its seat there.",
    ),
    declare(
        "founded_when",
        tasks=OF_ORGANIZATION,
        votes={
            FOUNDING: sentence(rf"\b{FOUNDED}\b[^;]{{0,90}}\bOBJ|OBJ[^;]{{0,90}}\b{FOUNDED}\b", ignore_case=True)
            & DATED
            & ~NAMED
        },
        says="A date beside `founded` or `established` is one of foundation.",
    ),
    declare(
        "date_of_body",
        tasks=OF_ORGANIZATION,
        votes={FOUNDING: INSTITUTIONAL & DATED},
        says="The date that goes with an organization is that of its foundation.",
    ),
    declare(
        "founder",
        tasks=OF_ORGANIZATION,
        votes={FOUNDER: sentence(rf"\b{FOUNDERS}\b", ignore_case=True) & CALLED & ~NAMED & ~KIN & ~AT_ITS_HEAD},
        says="A person beside `founder` or `founded` founded it.",
    ),
    declare(
        "founded_by",
        tasks=OF_ORGANIZATION,
        votes={
            FOUNDER: sentence(
                rf"\b{FOUNDERS}\b…\bby\b…OBJ", rf"OBJ…\b{FOUNDERS}\b…SUBJ", r"founders?,? (?:[\w-]+ ){0,2}OBJ"
            )
            & SOMEBODY
            & ~NAMED
        },
        says="Who founds something stands before `founded`, or after `founded by`.",
    ),
    declare(
        "chief",
        tasks=OF_ORGANIZATION,
        votes={CHIEF: sentence(rf"\b{CHIEFS}\b", ignore_case=True) & CALLED & ~NAMED & ~KIN & ~AMONG_ITS_FOUNDERS},
        says="A person beside `CEO` or `president` leads it.",
    ),
    declare(
        "chief_of",
        tasks=OF_ORGANIZATION,
        votes={
            CHIEF: sentence(
                rf"\b{CHIEFS}\b[^;]{{0,30}}\b(?:of|at|for|and|with)\b[^;]{{0,40}}SUBJ",
                rf"SUBJ(?:'s?)? (?:[\w&-]+ ){{0,4}}{CHIEFS}[^;]{{0,30}}OBJ",
                ignore_case=True,
            )
            & SOMEBODY
            & ~NAMED
        },
        says="The CEO of an organization.",
    ),
    declare(
        "foundation_alone",
        tasks=OF_ORGANIZATION,
        votes={FOUNDER: sentence(rf"\b{FOUNDERS}\b") & ~sentence(rf"\b{CHIEFS}\b", ignore_case=True) & SOMEBODY_OF_IT},
        says="A sentence of foundation, without a chief executive, is about the founder.",
    ),
    declare(
        "chief_alone",
        tasks=OF_ORGANIZATION,
        votes={CHIEF: sentence(rf"\b{CHIEFS}\b", ignore_case=True) & ~sentence(rf"\b{FOUNDERS}\b") & SOMEBODY_OF_IT},
        says="A sentence of a chief executive, without foundation, is about that one.",
    ),
    declare(
        "subsidiary",
        tasks=OF_ORGANIZATION,
        votes={
            OWNER: sentence(r"\bsubsidiar(?:y|ies)\b|\bparent\b|\b(?:wholly[- ]|majority |part-?)?owned by\b")
            & SOME_BODY
            & ~NAMED
        },
        says="A subsidiary has an owner.",
    ),
    declare(
        "owned",
        tasks=OF_ORGANIZATION,
        votes={OWNER: sentence(rf"\b{OWNED}\b…(?:OBJ|SUBJ)") & SOME_BODY & ~NAMED},
        says="What is owned, acquired or a part of something belongs to it.",
    ),
    declare(
        "two_bodies",
        tasks=OF_ORGANIZATION,
        votes={OWNER: INSTITUTIONAL & SOME_BODY & matches("object", BODY)},
        says="Where two organizations are named, one owns the other.",
    ),
)
"""Sources that tell seat, founder, chief executive, date of foundation and owner apart."""
