"""Coarse sources: is the mention a person or an organization? By the shape of its name and the words beside it."""

from __future__ import annotations

from collections.abc import Iterable

from metal.applications.entity.context import ARTS, OFFICES, RANKS
from metal.applications.entity.kinds import ORGANIZATION, PERSON
from metal.applications.entity.names import GIVEN_NAMES, SURNAMES
from metal.applications.entity.organizations import (
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
from metal.conditions import Condition, among, keywords, matches, within
from metal.sources import declare


def named(words: Iterable[str]) -> Condition:
    """Hold where a word, written so, stands in the name."""
    return keywords("name", words, ignore_case=False)


def titled(words: Iterable[str]) -> Condition:
    """Hold where one of the words stands right before the name, or opens it."""
    either = "|".join(word.replace(".", r"\.") for word in words)
    return matches("before", rf"(?:^| )(?:{either})(?: Sir)?$") | matches("name", rf"^(?:{either}) [A-Z]")


PERSONAL = (
    matches("name", r"^[A-Z][^ ]*[a-z]")
    & within("words", 1, 3)
    & ~matches("before", r"(?:^| )[Tt]he$")
    & ~named([*COMPANY_FORMS, *TRADES, *SCHOOLING, *BODIES, *MEDIA, *CLUBS])
    & ~among("last", TEAMS)
    & ~among("name", PLACES)
)
"""Holds of what may be the name of a person, as far as its looks go."""

FIRMLIKE = (
    ~named([*SCHOOLING, *BODIES, *MEDIA, *CLUBS])
    & ~among("last", TEAMS)
    & ~among("name", PLACES)
    & ~among("first", GIVEN_NAMES)
)
"""Holds of what may be the name of a firm, as far as its looks go."""

SHAPE = (
    declare(
        "given_name",
        tasks="kind",
        votes={PERSON: among("first", GIVEN_NAMES) & within("words", 1, 3)},
        says="A name of one to three words that begins with a given name is a person's.",
    ),
    declare(
        "surname",
        tasks="kind",
        votes={PERSON: among("last", SURNAMES) & within("words", 1, 3)},
        says="A name of one to three words that ends in a surname is a person's.",
    ),
    declare(
        "initials",
        tasks="kind",
        votes={PERSON: matches("name", r"^(?:[A-Z][a-z]+ )?(?:[A-Z]\. ?)+ [A-Z][a-z]+$")},
        says="Initials followed by a word are a person's name: E. E. Smith, John C. Meyer.",
    ),
    declare(
        "capitals",
        tasks="kind",
        votes={ORGANIZATION: matches("name", r"^[A-Z][A-Z&/]+[A-Z]$")},
        says="Three or more capitals are an organization's initials.",
    ),
    declare(
        "long_name",
        tasks="kind",
        votes={ORGANIZATION: within("words", 4)},
        says="A name of four words or more is an organization's.",
    ),
    declare(
        "joined_by_of_or_and",
        tasks="kind",
        votes={ORGANIZATION: matches("name", r"[a-z] (?:for|and|&|in|at) | of (?:the|[A-Z])|^the |[0-9]")},
        says="Small words and digits within a name are an organization's: University of Oslo, 25th Air Division.",
    ),
    declare(
        "two_capitalised",
        tasks="kind",
        votes={PERSON: PERSONAL & matches("name", r"^[A-Z][^ .]+ (?:[a-z]{2,3} )*[A-Z][^ .]+$")},
        says="Two capitalised words of which none is an organization's are a person's names.",
    ),
)

BESIDE = (
    declare(
        "the_before",
        tasks="kind",
        votes={ORGANIZATION: matches("before", r"(?:^| )[Tt]he$")},
        says="Organizations take an article, persons do not.",
    ),
    declare(
        "subject_by_surname",
        tasks="kind",
        votes={
            PERSON: PERSONAL
            & within("words", 1, 1)
            & ~among("name", COMPANIES)
            & matches("before", r"^$|[,;]$|\b(?:and|that|but|[Ww]hen|[Aa]s|[Ww]hile|[Aa]fter|[Bb]efore|[Bb]y|because)$")
        },
        says="One word where a subject may stand is a person called by the surname.",
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
        votes={PERSON: titled([*OFFICES, *RANKS, *ARTS])},
        says="A profession or an office stands before a person's name.",
    ),
    declare(
        "kin",
        tasks="kind",
        votes={
            PERSON: matches(
                "before",
                r"\b(?:wife|husband|son|sons|daughter|brother|sister|father|mother|uncle|aunt|cousin|nephew|"
                r"niece|friend|"
                r"friends|widow|married|grandson|grandfather|colleague|lover)(?: of)? ?,?$",
            )
        },
        says="Kin and friends are persons.",
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
            ORGANIZATION: matches("after", r"^(?:[^ ]+ ){0,5}(?:its|it|which|their|they)\b"),
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
                r"^(?:also |then |later |himself |herself |, who |was |first |never )?(?:wrote|writes|sang|"
                r"sings|died|born|"
                r"married|recalled|notes|argued|argues|believed|felt|thought|said|says|told|stated|explained|painted|"
                r"directed|composed|starred|starring|played|plays|became|returned|moved|lived|grew|attended|studied|"
                r"resigned|reigned|himself|herself|his|her|retired|commanded|met|appeared|knew|served|wanted|"
                r"asked|took)\b",
            )
        },
        says="Persons speak, write, marry, die; what does so after the name makes it a person.",
    ),
    declare(
        "place_of_work",
        tasks="kind",
        votes={
            ORGANIZATION: matches(
                "before",
                r"\b(?:at|joined|for|against|from|within|into|graduated from|attended|employed by|owned by|"
                r"member of|part of|"
                r"founded|signed with|university|company|club|team|group|airline|newspaper|station|played for|at the|"
                r"of the|by the|for the|from the|with the|joined the|against the)$",
            )
        },
        says="People work at, play for and graduate from organizations.",
    ),
)

KIND = (*SHAPE, *BESIDE)
