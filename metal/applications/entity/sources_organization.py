"""Sources for the sort of organization: firms by form, trade and dealings; schools, clubs, press and public bodies."""

from __future__ import annotations

from metal.applications.entity.context import BUSINESS, FIRMS, LEARNING, PUBLIC, SOLD_BY, SPORT
from metal.applications.entity.firms import COMPANIES, FIRM_ENDINGS, FIRMS_BY_NAME, LABELS
from metal.applications.entity.kinds import COMPANY, ORGANIZATION, OTHER_ORGANIZATION
from metal.applications.entity.looks import FIRM_NAME, FIRMLIKE, IMPERSONAL, PERSONAL, UNKNOWN, around, headed, named
from metal.applications.entity.organizations import (
    ACRONYMS,
    BODIES,
    CLUBS,
    COMPANY_FORMS,
    FAITHS,
    MEDIA,
    PLACES,
    SCHOOLING,
    STATIONS,
    TEAMS,
    TRADES,
)
from metal.conditions import among, keywords, matches, within
from metal.sources import declare

FIRM, NO_FIRM = (ORGANIZATION, COMPANY), (ORGANIZATION, OTHER_ORGANIZATION)
BOTH = ("kind", "organization")

COMPANY_SOURCES = (
    declare(
        "legal_form",
        tasks=BOTH,
        votes={FIRM: FIRM_NAME & headed(COMPANY_FORMS)},
        says="Inc, Ltd and GmbH are firms.",
    ),
    declare(
        "trade",
        tasks=BOTH,
        votes={FIRM: FIRM_NAME & headed([*TRADES, *FIRM_ENDINGS])},
        says="Firms are named for what they make or deal in.",
    ),
    declare(
        "known_company",
        tasks=BOTH,
        votes={
            FIRM: keywords("name", FIRMS_BY_NAME, ignore_case=False)
            | (
                (
                    among("first", COMPANIES)
                    | (
                        among("first", LABELS)
                        & around(["album", "albums", "label", "labels", "single", "singles", "signed", "Records"])
                    )
                )
                & within("words", 1, 2)
                & ~among("last", [*TEAMS, *SCHOOLING, *BODIES, *CLUBS])
                & ~around(SPORT)
            )
        },
        says="Some companies everybody knows, record labels where records are spoken of; in sport they are teams.",
    ),
    declare(
        "sold_by",
        tasks=BOTH,
        votes={
            FIRM: FIRMLIKE
            & matches(
                "before",
                rf"\b(?:{'|'.join(SOLD_BY)}) (?:jointly )?(?:by|under|on|through|from|with|to)(?: the)?$",
            )
        },
        says="What is sold, published or built is so by a firm.",
    ),
    declare(
        "called_a_firm",
        tasks=BOTH,
        votes={
            FIRM: FIRMLIKE
            & (
                matches(
                    "before",
                    rf"\b(?:{'|'.join(FIRMS)})(?: ,| \()?$|\b(?:subsidiary|subsidiaries|division|unit|CEO|"
                    r"chief executive|founder|co-founder|shareholders?|shares|stake|employees?|owners?|acquisition|"
                    r"purchase|takeover|customers?|products|parent company|executives?|brand|"
                    r"franchise|employed|contract|deal|"
                    r"partnership|merger) (?:of|at|by|for|from|in|with)(?: the)?$",
                )
                | matches("after", rf"^(?:, |\( |is |was )?(?:an?|the) (?:[^ ,.]+ ){{0,4}}(?:{'|'.join(FIRMS)})\b")
            )
        },
        says="Firms are said to be firms, or to have owners, customers and employees.",
    ),
    declare(
        "deals",
        tasks="organization",
        votes={
            COMPANY: FIRMLIKE
            & UNKNOWN
            & matches(
                "after",
                r"^(?:also |then |later |has |had |was |, which )?(?:announced|acquired|released|introduced|launched|"
                r"produced|manufactured|sold|bought|merged|purchased|offers|operates|operated|makes|produces|developed|"
                r"employs|filed|discontinued|marketed|unveiled)\b",
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
                r"^(?:'s? )?(?:\w+ )?(?:plant|factory|factories|CEO|products|product|brand|marque|aircraft|cars|car|"
                r"vehicles|stock|shares|employee|employees|engine|engines|subsidiary|phones|console|stores|store|label|"
                r"commercial|executives|executive|restaurants|flights|routes|headquarters|models|trucks|buses|software|"
                r"trains|services|jets?|locomotives|shareholders|dealers?|dealership|customers)\b|"
                r"^[A-Z]{0,3}-?[0-9]{2,4}[A-Za-z]?\b",
            )
        },
        says="Plants, brands, shares, employees and models with a number are a firm's.",
    ),
    declare(
        "talk_of_business",
        tasks="organization",
        votes={COMPANY: FIRMLIKE & UNKNOWN & around(BUSINESS) & ~around(SPORT) & ~around(LEARNING)},
        says="Business surrounds firms.",
    ),
)

OTHER_SOURCES = (
    declare(
        "school", tasks=BOTH, votes={NO_FIRM: named(SCHOOLING)}, says="Universities, colleges and schools are no firms."
    ),
    declare(
        "public_body",
        tasks=BOTH,
        votes={
            NO_FIRM: (named(BODIES) & ~FIRM_NAME)
            | headed(BODIES)
            | among("name", [*FAITHS, *ACRONYMS])
            | matches("name", r"^[0-9]+(?:st|nd|rd|th) ")
        },
        says="Armies, churches, councils, and those that go by the best-known initials, are no firms.",
    ),
    declare(
        "press",
        tasks=BOTH,
        votes={
            NO_FIRM: ~FIRM_NAME
            & (named(MEDIA) | among("name", STATIONS) | among("first", STATIONS) | among("last", STATIONS))
        },
        says="Newspapers, magazines and channels count apart.",
    ),
    declare(
        "club", tasks=BOTH, votes={NO_FIRM: named(CLUBS) & ~FIRM_NAME}, says="Sports clubs and leagues are no firms."
    ),
    declare(
        "team",
        tasks=BOTH,
        votes={NO_FIRM: among("last", TEAMS) | among("name", PLACES)},
        says="Teams go by nicknames, or by the country that they play for.",
    ),
    declare(
        "read_or_watched",
        tasks=BOTH,
        votes={
            NO_FIRM: IMPERSONAL
            & ~FIRM_NAME
            & (
                (matches("before", r"``$") & matches("after", r"^(?:``|'')"))
                | matches(
                    "before",
                    r"\b(?:aired|airs|airing|broadcast|broadcasts|broadcasting|premiered|premieres|shown|series|episode|"
                    r"episodes|television|programme|program|show|channel|channels|network|station|stations|newspaper|"
                    r"newspapers|magazine|magazines|journal|drama|sitcom|interview|column|columnist|wrote|reporter|"
                    r"correspondent|editor)(?: ,| on| in| for| of| with| such as| like)+(?: the)?$",
                )
                | matches("name", r"^[KWC][A-Z]{2,3}(?:-(?:FM|AM|TV|DT|LP|LD))?$")
            )
        },
        says="Papers stand in quotes, stations have call signs, and things are aired on or written in them.",
    ),
    declare(
        "learned_at",
        tasks=BOTH,
        votes={
            NO_FIRM: IMPERSONAL
            & ~FIRM_NAME
            & matches(
                "before",
                r"\b(?:graduated|studied|educated|taught|degree|professor|attended|student|enrolled|lecturer|Ph\.?D\.?|"
                r"B\.?A\.?|degrees|campus|alumni|law|medicine|history|fellow)(?: \w+){0,3} (?:at|from|of|in)(?: the)?$|"
                r"\battended(?: the)?$|\bat(?: the)?$",
            )
        },
        says="What people attend, teach at and graduate from is a school.",
    ),
    declare(
        "plays",
        tasks="organization",
        votes={
            OTHER_ORGANIZATION: IMPERSONAL
            & (
                matches(
                    "before",
                    r"\b(?:played for|plays for|playing for|signed for|signed with|coach of|coached|drafted by|against|"
                    r"beat|beating|defeated|versus|vs\.?|season with|seasons with|moved to|joined|loan to|loan from|"
                    r"supporters of|won the|over|loss to|win over|lost to|club|clubs|side|team|outfit|goals for|"
                    r"appearances for|debut for|victory over|sign for|transferred to|returned to)(?: the)?$",
                )
                | matches(
                    "after",
                    r"^(?:[0-9]+[-–][0-9]+|won|defeated|beat|lost|scored|players?|game|team|football|basketball|FC|fans|"
                    r"squad|coach|head coach|defender|midfielder|striker|goalkeeper|outfit|side|supporters)\b",
                )
            )
        },
        says="Clubs are played for, joined, beaten and drafted by.",
    ),
    declare(
        "talk_of_sport",
        tasks="organization",
        votes={OTHER_ORGANIZATION: IMPERSONAL & ~FIRM_NAME & around(SPORT)},
        says="Sport surrounds clubs.",
    ),
    declare(
        "talk_of_study",
        tasks="organization",
        votes={OTHER_ORGANIZATION: IMPERSONAL & ~FIRM_NAME & around(LEARNING)},
        says="Study surrounds schools.",
    ),
    declare(
        "talk_of_public_life",
        tasks="organization",
        votes={OTHER_ORGANIZATION: IMPERSONAL & ~PERSONAL & ~FIRM_NAME & ~among("first", COMPANIES) & around(PUBLIC)},
        says="Members, missions and reports surround public bodies and the press.",
    ),
)

ORGANIZATION_SOURCES = (*COMPANY_SOURCES, *OTHER_SOURCES)
