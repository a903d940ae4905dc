"""Sources for the sort of person: rulers, artists, soldiers, business people; by title, deed and subject."""

from __future__ import annotations

from typing import Any

from metal.applications.entity.context import (
    ART,
    ARTS,
    BUSINESS,
    DEALERS,
    MADE_BY,
    OFFICES,
    POLITICS,
    RANKS,
    RULE,
    SPORT,
    WAR,
    WORKS,
)
from metal.applications.entity.kinds import BUSINESSPERSON, OTHER_PERSON, PERSON, POLITICIAN
from metal.applications.entity.listed import listed
from metal.applications.entity.looks import PERSONAL, around, titled
from metal.applications.entity.names import ARTISTS, RULERS_BY_FIRST_NAME, STATESMEN, SURNAMES
from metal.conditions import among, matches, within
from metal.sources import Source, declare

REGNAL = r"\b(?:I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII|XIII|XIV|XV|XVI)$"
DESCRIBED = r"^[^.]{{0,60}}\b(?:was|is|,) (?:an? |the )(?:[^ ]+ ){{0,4}}(?:{})\b"

RULERS = listed(
    """
    politician statesman lawyer judge jurist king queen ruler diplomat minister governor emperor senator mayor prince
    princess House Senate Parliament parliament
    """
)

RULER_SOURCES = (
    declare(
        "talk_of_rule",
        tasks="person",
        votes={POLITICIAN: PERSONAL & ~around(WORKS) & around(RULE)},
        says="Kings, courts and thrones surround rulers.",
    ),
    declare(
        "called_by_first_name",
        tasks="person",
        votes={POLITICIAN: among("name", RULERS_BY_FIRST_NAME) & ~around(WORKS)},
        says="Rulers of the past are called by their given name alone.",
    ),
)

BUSINESS_SOURCES = (
    declare(
        "runs_a_business",
        tasks=("kind", "person"),
        votes={
            (PERSON, BUSINESSPERSON): titled(DEALERS)
            | matches("after", DESCRIBED.format("|".join(DEALERS)))
            | (PERSONAL & matches("after", rf"^, (?:[^ ,]+ ){{0,5}}(?:{'|'.join(DEALERS)})\b"))
        },
        says="Founders, owners and chief executives are in business.",
    ),
    declare(
        "talk_of_trade",
        tasks="person",
        votes={BUSINESSPERSON: PERSONAL & around(BUSINESS) & ~around(ART) & ~around(POLITICS)},
        says="Business surrounds business people.",
    ),
)


def person_sources(marked: str) -> tuple[Source[Any], ...]:
    """Return the sources, where `marked` is the sort of person that the corpus tells from the others."""
    politician = marked if marked == POLITICIAN else OTHER_PERSON
    return (
        *(BUSINESS_SOURCES if marked == BUSINESSPERSON else RULER_SOURCES),
        declare(
            "holds_office",
            tasks=("kind", "person"),
            votes={(PERSON, politician): titled(OFFICES)},
            says="Who is called president, king or senator rules or governs.",
        ),
        declare(
            "regnal_number",
            tasks=("kind", "person"),
            votes={(PERSON, politician): matches("name", REGNAL) & within("words", 2, 4)},
            says="A Roman numeral after a name is a monarch's.",
        ),
        declare(
            "of_a_country",
            tasks="person",
            votes={
                politician: PERSONAL
                & matches(
                    "after", r"^(?:, )?(?:the )?(?:King|Queen|Emperor|Prince|Duke|Earl|Count|king|queen|of [A-Z])"
                )
            },
            says="Rulers are of some country.",
        ),
        declare(
            "known_statesman",
            tasks=("kind", "person"),
            votes={
                (PERSON, politician): PERSONAL
                & ~around(WORKS)
                & (
                    among("last", [name for name in STATESMEN if name not in SURNAMES])
                    | (among("last", STATESMEN) & around(POLITICS))
                )
            },
            says="Some heads of state and of government everybody knows.",
        ),
        declare(
            "governs",
            tasks="person",
            votes={
                politician: PERSONAL
                & matches(
                    "after",
                    r"^(?:\w+ ){0,2}(?:elected|re-elected|reigned|ruled|vetoed|"
                    r"repealed|conquered|crowned|deposed|represented|proclaimed|abdicated)\b",
                )
            },
            says="Politicians are elected, resign, rule and sign laws.",
        ),
        declare(
            "office_near",
            tasks="person",
            votes={
                politician: PERSONAL
                & (
                    matches("before", rf"\b(?:{'|'.join(OFFICES)})(?: [^ ]+){{1,4}}$")
                    | matches("after", rf"^(?:[^ ]+ ){{0,4}}(?:{'|'.join(OFFICES)})\b")
                )
            },
            says="An office named near a person is that person's, or a colleague's.",
        ),
        declare(
            "described_as",
            tasks=("kind", "person"),
            votes={
                (PERSON, politician): matches(
                    "after",
                    DESCRIBED.format("|".join(RULERS)),
                ),
                (PERSON, OTHER_PERSON): matches(
                    "after", DESCRIBED.format("|".join([*ARTS, "soldier", "officer", "general", "pilot", "ace"]))
                ),
            },
            says="The first sentence about a person says what the person was.",
        ),
        declare(
            "talk_of_politics",
            tasks="person",
            votes={politician: PERSONAL & around(POLITICS) & ~around(WORKS)},
            says="Politics surround politicians.",
        ),
        declare(
            "artist_before",
            tasks=("kind", "person"),
            votes={(PERSON, OTHER_PERSON): titled(ARTS)},
            says="Singers, authors and directors are no politicians.",
        ),
        declare(
            "rank_before",
            tasks=("kind", "person"),
            votes={(PERSON, OTHER_PERSON): titled(RANKS)},
            says="Who bears a military rank is a soldier.",
        ),
        declare(
            "made_by",
            tasks=("kind", "person"),
            votes={(PERSON, OTHER_PERSON): matches("before", rf"\b(?:{'|'.join(MADE_BY)}) by(?: \w+)?$")},
            says="Works of art are made by artists.",
        ),
        declare(
            "has_works",
            tasks="person",
            votes={
                OTHER_PERSON: matches(
                    "after",
                    r"^'s? (?:\w+ )?(?:album|song|novel|novels|book|film|films|painting|paintings|play|poem|"
                    r"poems|work|works|music|"
                    r"performance|vocals|voice|opera|symphony|portrait|debut|single|art|story|writing|squadron|"
                    r"aircraft|hit)\b",
                )
            },
            says="Albums, novels and paintings are an artist's.",
        ),
        declare(
            "creates",
            tasks="person",
            votes={
                OTHER_PERSON: PERSONAL
                & matches(
                    "after",
                    r"^(?:also |then |later |who |, who )?(?:wrote|directed|directs|painted|composed|sang|"
                    r"performed|recorded|released|"
                    r"starred|played|sings|writes|published|produced|stars|co-wrote|sculpted|designed|notes|"
                    r"recalled)\b",
                )
            },
            says="Artists write, sing, paint and play.",
        ),
        declare(
            "known_artist",
            tasks=("kind", "person"),
            votes={(PERSON, OTHER_PERSON): among("last", ARTISTS) & within("words", 1, 3)},
            says="Some writers, painters and composers everybody knows.",
        ),
        declare(
            "art_near",
            tasks="person",
            votes={
                OTHER_PERSON: PERSONAL
                & (
                    matches("before", rf"\b(?:{'|'.join([*ARTS, *MADE_BY])})(?: [^ ]+){{1,4}}$")
                    | matches("after", rf"^(?:[^ ]+ ){{0,4}}(?:{'|'.join([*ARTS, *MADE_BY])})\b")
                )
            },
            says="An art named near a person is that person's.",
        ),
        declare(
            "talk_of_art",
            tasks="person",
            votes={OTHER_PERSON: PERSONAL & around(ART) & ~(around([*POLITICS, *RULE]) & ~around(WORKS))},
            says="Art surrounds artists.",
        ),
        declare(
            "talk_of_war",
            tasks="person",
            votes={OTHER_PERSON: PERSONAL & around(WAR) & ~around(SPORT) & ~around([*POLITICS, *RULE])},
            says="War surrounds soldiers.",
        ),
    )
