"""Sources for the sort of organization: firms by form, trade and dealings; schools, clubs, press and public bodies."""

from __future__ import annotations

from metal.applications.entity.context import ARTS, BUSINESS, LEARNING, OFFICES, PUBLIC, RANKS, SOLD_BY, SPORT
from metal.applications.entity.kinds import COMPANY, ORGANIZATION, OTHER_ORGANIZATION
from metal.applications.entity.names import GIVEN_NAMES
from metal.applications.entity.organizations import (
    ACRONYMS,
    BODIES,
    CLUBS,
    COMPANIES,
    COMPANY_FORMS,
    MEDIA,
    PLACES,
    SCHOOLING,
    TEAMS,
    TRADES,
)
from metal.applications.entity.sources_kind import FIRMLIKE, PERSONAL, named, titled
from metal.applications.entity.sources_person import around
from metal.conditions import among, matches, within
from metal.sources import declare

FIRM, NO_FIRM = (ORGANIZATION, COMPANY), (ORGANIZATION, OTHER_ORGANIZATION)
BOTH = ("kind", "organization")

IMPERSONAL = ~among("first", GIVEN_NAMES) & ~titled([*OFFICES, *RANKS, *ARTS])
"""Holds of what is not called as persons are."""

COMPANY_SOURCES = (
    declare("legal_form", tasks=BOTH, votes={FIRM: named(COMPANY_FORMS)}, says="Inc, Ltd and GmbH are firms."),
    declare("trade", tasks=BOTH, votes={FIRM: named(TRADES)}, says="Firms are named for what they make or deal in."),
    declare(
        "known_company",
        tasks=BOTH,
        votes={FIRM: among("first", COMPANIES) & within("words", 1, 3)},
        says="Some companies everybody knows.",
    ),
    declare(
        "sold_by",
        tasks=BOTH,
        votes={
            FIRM: FIRMLIKE & matches("before", rf"\b(?:{'|'.join(SOLD_BY)}) (?:by|under|on|through|from)(?: the)?$")
        },
        says="What is sold, published or built is so by a firm.",
    ),
    declare(
        "deals",
        tasks="organization",
        votes={
            COMPANY: FIRMLIKE
            & matches(
                "after",
                r"^(?:also |then |later |has |had |was |, which )?(?:announced|acquired|released|introduced|"
                r"launched|produced|"
                r"manufactured|sold|bought|merged|purchased|offers|operates|operated|makes|produces|developed|"
                r"employs|"
                r"filed|discontinued|marketed|unveiled)\b",
            )
        },
        says="Firms announce, acquire, launch and sell.",
    ),
    declare(
        "has_products",
        tasks="organization",
        votes={
            COMPANY: FIRMLIKE
            & matches(
                "after",
                r"^(?:'s? )?(?:\w+ )?(?:plant|factory|factories|CEO|products|product|brand|marque|aircraft|cars|"
                r"car|vehicles|stock|"
                r"shares|employee|employees|engine|engines|subsidiary|division|phones|console|stores|store|"
                r"label|commercial|"
                r"executives|executive|restaurants|flights|routes|headquarters|studio|models|building|trucks|"
                r"buses|software)\b",
            )
        },
        says="Plants, brands, shares and employees are a firm's.",
    ),
    declare(
        "talk_of_business",
        tasks="organization",
        votes={COMPANY: FIRMLIKE & around(BUSINESS)},
        says="Business surrounds firms.",
    ),
)

OTHER_SOURCES = (
    declare(
        "school", tasks=BOTH, votes={NO_FIRM: named(SCHOOLING)}, says="Universities, colleges and schools are no firms."
    ),
    declare(
        "public_body", tasks=BOTH, votes={NO_FIRM: named(BODIES)}, says="Armies, churches and councils are no firms."
    ),
    declare("press", tasks=BOTH, votes={NO_FIRM: named(MEDIA)}, says="Newspapers, magazines and channels count apart."),
    declare("club", tasks=BOTH, votes={NO_FIRM: named(CLUBS)}, says="Sports clubs and leagues are no firms."),
    declare(
        "team",
        tasks=BOTH,
        votes={NO_FIRM: among("last", TEAMS) | among("name", PLACES)},
        says="Teams go by nicknames, or by the country that they play for.",
    ),
    declare(
        "quoted",
        tasks=BOTH,
        votes={NO_FIRM: matches("before", r"``$") & matches("after", r"^(?:``|'')")},
        says="Names of newspapers, magazines and programmes stand in quotes.",
    ),
    declare(
        "body_by_initials",
        tasks=BOTH,
        votes={NO_FIRM: among("name", ACRONYMS)},
        says="The best-known initials are those of public bodies, leagues and stations.",
    ),
    declare(
        "learned_at",
        tasks=BOTH,
        votes={
            NO_FIRM: matches(
                "before",
                r"\b(?:graduated|studied|educated|taught|degree|professor|attended|student|enrolled|lecturer|"
                r"Ph\.?D\.?|B\.?A\.?|"
                r"degrees|campus|alumni|law|medicine|history|fellow)(?: \w+){0,3} (?:at|from|of|in)(?: the)?$|"
                r"\battended(?: the)?$|\bat(?: the)?$",
            )
        },
        says="What people attend, teach at and graduate from is a school.",
    ),
    declare(
        "plays",
        tasks="organization",
        votes={
            OTHER_ORGANIZATION: matches(
                "before",
                r"\b(?:played for|plays for|playing for|signed for|signed with|coach of|drafted by|against|beat|"
                r"beating|defeated|"
                r"versus|vs\.?|season with|moved to|joined|loan to|loan from|supporters of|won the|over|loss to|"
                r"win over|lost to)"
                r"(?: the)?$",
            )
            | matches(
                "after",
                r"^(?:[0-9]+[-–][0-9]+|won|defeated|beat|lost|scored|players?|game|team|football|basketball|FC|"
                r"fans)\b",
            )
        },
        says="Clubs are played for, joined, beaten and drafted by.",
    ),
    declare(
        "talk_of_sport",
        tasks="organization",
        votes={OTHER_ORGANIZATION: IMPERSONAL & around(SPORT)},
        says="Sport surrounds clubs.",
    ),
    declare(
        "talk_of_study",
        tasks="organization",
        votes={OTHER_ORGANIZATION: IMPERSONAL & around(LEARNING)},
        says="Study surrounds schools.",
    ),
    declare(
        "talk_of_public_life",
        tasks="organization",
        votes={OTHER_ORGANIZATION: IMPERSONAL & ~PERSONAL & ~named(COMPANY_FORMS) & around(PUBLIC)},
        says="Members, missions and reports surround public bodies and the press.",
    ),
)

ORGANIZATION_SOURCES = (*COMPANY_SOURCES, *OTHER_SOURCES)
