"""Coarse sources: is the mention a person or an organization? By the shape of its name and the words beside it."""

from __future__ import annotations

from metal.applications.entity.context import ARTS, CALLINGS, KIN, OFFICES, RANKS
from metal.applications.entity.kinds import ORGANIZATION, PERSON
from metal.applications.entity.looks import (
    GIVEN_FIRST,
    ORGANIZED,
    PARTICLES,
    PERSONAL,
    PLAIN_WORDS,
    SURNAMED,
    named,
    titled,
)
from metal.applications.entity.names import GIVEN_NAMES
from metal.applications.entity.organizations import (
    BODIES,
    CLUBS,
    COMPANY_FORMS,
    PEOPLES,
    PLACES,
    SCHOOLING,
    TEAMS,
    TRADES,
)
from metal.conditions import among, matches, within
from metal.sources import declare

SHAPE = (
    declare(
        "given_name",
        tasks="kind",
        votes={PERSON: GIVEN_FIRST & PERSONAL},
        says="A name of a few words that begins with a given name is a person's.",
    ),
    declare(
        "surname",
        tasks="kind",
        votes={PERSON: PERSONAL & within("words", 1, 3) & SURNAMED},
        says="A name of one to three words that ends in a surname, or as surnames do, is a person's.",
    ),
    declare(
        "initials",
        tasks="kind",
        votes={
            PERSON: ~ORGANIZED
            & ~named(PLAIN_WORDS)
            & matches("name", rf"^(?:[A-Z][^ ]+ )?(?:[A-Z]\. ?)+ [A-Z][^ ]*[a-z]$|{PARTICLES}")
        },
        says="Initials followed by a word are a person's name (E. E. Smith), as is one with von, bin or Jr.",
    ),
    declare(
        "capitals",
        tasks="kind",
        votes={ORGANIZATION: matches("name", r"^[A-Z][A-Z&/]*[A-Z](?:-[A-Z]+)?(?: [A-Z]+)?$")},
        says="Capitals alone are an organization's initials.",
    ),
    declare(
        "long_name",
        tasks="kind",
        votes={ORGANIZATION: within("words", 4) & ~GIVEN_FIRST & ~matches("name", PARTICLES)},
        says="A name of four words or more is an organization's, unless it begins with a given name.",
    ),
    declare(
        "joined_by_of_or_and",
        tasks="kind",
        votes={
            ORGANIZATION: matches("name", r"[a-z] (?:for|and|&|in|at) | of (?:the|[A-Z])|^the |[0-9]")
            & ~matches("name", r"\b[IVX]+ of ")
        },
        says="Small words and digits within a name are an organization's: University of Oslo, 25th Air Division.",
    ),
    declare(
        "plain_words",
        tasks="kind",
        votes={ORGANIZATION: within("words", 2) & ~GIVEN_FIRST & (named(PLAIN_WORDS) | matches("name", "^The "))},
        says="Names of several words with a plain one among them are organizations'.",
    ),
    declare(
        "named_for_a_place",
        tasks="kind",
        votes={ORGANIZATION: among("first", [*PLACES, *PEOPLES]) & ~GIVEN_FIRST},
        says="Organizations are called by their country or city.",
    ),
)

PERSON_NAME = rf"(?:{'|'.join(GIVEN_NAMES)}) (?:[A-Z]\. )?[A-Z][^ ]*[a-z]"
LAST_WORD = rf"(?:{'|'.join([*BODIES, *COMPANY_FORMS, *SCHOOLING, *CLUBS, *TEAMS, *TRADES])})"

BESIDE = (
    declare(
        "the_before",
        tasks="kind",
        votes={
            ORGANIZATION: matches("before", r"(?:^| )[Tt]he$") & ~(GIVEN_FIRST & within("words", 2, 3) & ~ORGANIZED)
        },
        says="Organizations take an article, persons do not.",
    ),
    declare(
        "subject_by_surname",
        tasks="kind",
        votes={
            PERSON: PERSONAL
            & within("words", 1, 1)
            & matches("before", r"^$|[,;]$|\b(?:and|that|but|[Ww]hen|[Aa]s|[Ww]hile|[Aa]fter|[Bb]efore|[Bb]y|because)$")
        },
        says="One word where a subject may stand is a person called by the surname.",
    ),
    declare(
        "listed_with",
        tasks="kind",
        votes={
            PERSON: PERSONAL
            & (
                matches("before", rf"\b{PERSON_NAME} (?:,|and|&|, and|or|with)$")
                | matches("after", rf"^(?:,|and|&|, and|or|with) {PERSON_NAME} (?:[,.;)]|and\b)")
            ),
            ORGANIZATION: ~GIVEN_FIRST
            & (
                matches("before", rf"\b(?:{LAST_WORD}|[A-Z]{{3,}}) (?:,|and|, and|or)(?: the)?$")
                | matches(
                    "after",
                    rf"^(?:,|and|, and|or) (?:the )?(?:(?:[A-Z][^ ]+ ){{0,3}}{LAST_WORD}|[A-Z]{{3,}})\b",
                )
            ),
        },
        says="Persons are listed with persons, organizations with organizations.",
    ),
    declare(
        "addressed_as",
        tasks="kind",
        votes={
            PERSON: titled(["Mr", "Mr.", "Mrs", "Mrs.", "Ms", "Ms.", "Miss", "Dr", "Dr.", "Sir", "Dame", "Lady"])
            & within("words", 1, 4)
        },
        says="Who is addressed with Mr, Dr or Sir is a person.",
    ),
    declare(
        "called_by_profession",
        tasks="kind",
        votes={PERSON: titled([*OFFICES, *RANKS, *ARTS, *CALLINGS]) & ~ORGANIZED},
        says="A profession or an office stands before a person's name.",
    ),
    declare(
        "kin",
        tasks="kind",
        votes={
            PERSON: (matches("before", rf"\b(?:{'|'.join(KIN)})(?: of)? ?,?$") & ~ORGANIZED)
            | (
                PERSONAL
                & matches(
                    "after",
                    rf"^'s (?:\w+ ){{0,2}}(?:{'|'.join(KIN)}|death|life|career|birth|marriage|funeral|hand|head|body|"
                    r"face|autobiography|biography|letter|letters|soul)\b",
                )
            )
        },
        says="Kin, friends, a life and a death are a person's.",
    ),
    declare(
        "life_dates",
        tasks="kind",
        votes={
            PERSON: PERSONAL
            & matches("after", r"^(?:, )?\( ?(?:\w+ ){0,3}(?:born|née|d\.|c\.|[0-9]{3,4} ?[-–])|^[^.]{0,12}\bborn\b")
        },
        says="Dates of birth and death follow a person's name.",
    ),
    declare(
        "pronoun_after",
        tasks="kind",
        votes={
            PERSON: PERSONAL & matches("after", r"^(?:[^ ]+ ){0,7}(?:he|she|his|him|her|himself|herself|who|whose)\b"),
            ORGANIZATION: matches("after", r"^(?:[^ ]+ ){0,5}(?:its|it|which|their|they)\b") & ~GIVEN_FIRST,
        },
        says="He, she and who refer back to a person; it, its and which to an organization.",
    ),
    declare(
        "lives_and_speaks",
        tasks="kind",
        votes={
            PERSON: PERSONAL
            & matches(
                "after",
                r"^(?:also |then |later |himself |herself |, who |was |first |never |had |has |had been |would |is )?"
                r"(?:wrote|writes|sang|sings|died|dies|born|killed|wounded|imprisoned|exiled|arrested|buried|educated|"
                r"raised|married|remarried|recalled|recalls|notes|noted|argued|argues|believed|believes|felt|thought|"
                r"thinks|said|says|told|tells|stated|states|explained|explains|painted|directed|composed|starred|"
                r"starring|plays|became|returned|moved|lived|grew|attended|studied|describes|described|suggested|"
                r"suggests|claimed|claims|wondered|admitted|confessed|insisted|replied|remarked|commented|praised|"
                r"resigned|reigned|himself|herself|his|her|retired|commanded|met|appeared|knew|served|wanted|asked|took|"
                r"gave|fled|escaped|refused|ordered|tried|tries|saw|sat|went|goes|came|loved|hated|taught|spent|"
                r"portrays|portrayed|invited|visited|travelled|traveled|arrived|wore|hoped|decided|learned|learns|"
                r"discovers|realizes)\b",
            )
        },
        says="Persons speak, write, marry, die; what does so after the name makes it a person.",
    ),
    declare(
        "place_of_work",
        tasks="kind",
        votes={
            ORGANIZATION: ~GIVEN_FIRST
            & matches(
                "before",
                r"\b(?:at|joined|for|from|within|into|graduated from|attended|employed by|owned by|member of|part of|"
                r"founded|signed with|university|company|club|team|group|airline|newspaper|station|played for|at the|"
                r"of the|by the|for the|from the|with the|joined the|against the|on|via|owns|subsidiary|label|"
                r"publisher)$",
            )
        },
        says="People work at, play for and graduate from organizations.",
    ),
)

KIND = (*SHAPE, *BESIDE)
