"""What the sources share: conditions on the looks of a name, on the word before it, and on the sentence around it."""

from __future__ import annotations

from collections.abc import Iterable

from metal.applications.entity.context import ARTS, CALLINGS, OFFICES, RANKS
from metal.applications.entity.firms import COMPANIES, FIRM_ENDINGS
from metal.applications.entity.names import ENDINGS, GIVEN_NAMES, SURNAMES, WORLD_NAMES
from metal.applications.entity.organizations import (
    BODIES,
    CLUBS,
    COMPANY_FORMS,
    FAITHS,
    MEDIA,
    PEOPLES,
    PLACES,
    PLAIN,
    SCHOOLING,
    STATIONS,
    TEAMS,
    TRADES,
)
from metal.conditions import Condition, among, keywords, matches, within


def named(words: Iterable[str]) -> Condition:
    """Hold where a word, written so, stands in the name."""
    return keywords("name", words, ignore_case=False)


def titled(words: Iterable[str]) -> Condition:
    """Hold where one of the words stands right before the name, or opens it."""
    either = "|".join(word.replace(".", r"\.") for word in words)
    return matches("before", rf"(?:^| )(?:{either})(?: Sir)?$") | matches("name", rf"^(?:{either}) [A-Z]")


def headed(words: Iterable[str]) -> Condition:
    """Hold where one of the words is the name's head: its last, or the last before a small word, as in Bank of Oslo."""
    either = "|".join(word.replace(".", r"\.") for word in words)
    return matches("name", rf"^(?:(?:[^a-z ][^ ]*|and|the|de) )*(?:{either})(?: (?:[a-z(,.][^ ]*|- )(?: .*)?)?$")


def around(words: Iterable[str]) -> Condition:
    """Hold where one of the words stands anywhere in the sentence but the name."""
    return keywords("before", words, ignore_case=False) | keywords("after", words, ignore_case=False)


GIVEN = tuple(word for word in (*GIVEN_NAMES, *WORLD_NAMES) if word not in {*COMPANIES, *PEOPLES, *FAITHS})
"""Given names, without those that firms and peoples are called by too."""
PLAIN_WORDS = tuple(word for word in PLAIN if word not in {*SURNAMES, *GIVEN})
"""Plain words, without those that people are called by too."""
PARTICLES = (
    r" (?:von|van|de|der|den|du|da|dos|di|del|della|la|le|bin|ibn|ben|al|el|zu|ap|mac) [A-Z]"
    r"|\b(?:al|el|bin|ibn|d')-?[A-Z]|^(?:Von|Van|De|Mac|Mc|Al-|O ') ?[A-Z]| (?:Jr|Sr|Jr\.|Sr\.|III|IV)(?: \.)?$|``"
)
"""What stands within a person's name: von, bin, Jr and the like."""

GIVEN_FIRST = among("first", GIVEN)
"""Holds of names that begin with a given name."""

ORGANIZED = (
    named([*COMPANY_FORMS, *TRADES, *SCHOOLING, *BODIES, *MEDIA, *CLUBS])
    | among("last", [*TEAMS, *FIRM_ENDINGS])
    | among("name", [*PLACES, *STATIONS, *FAITHS])
)
"""Holds of names with a word that only organizations are called by."""

PERSONAL = (
    matches("name", r"^[^a-z0-9 ][^ 0-9]*[^A-Z .0-9]")
    & within("words", 1, 4)
    & ~matches("before", r"(?:^| )[Tt]he$")
    & ~ORGANIZED
    & ~(among("first", [*PEOPLES, *PLACES, *COMPANIES, "The", "St."]) & ~GIVEN_FIRST)
    & ~named(PLAIN_WORDS)
    & ~matches("name", r" (?:for|and|&|in|at|of|the) |[0-9+/]|[a-z][A-Z]{2}|\.com")
)
"""Holds of what may be the name of a person, as far as its looks go."""

SURNAMED = among("last", SURNAMES) | matches("last", ENDINGS)
"""Holds of names that end as surnames do."""

IMPERSONAL = ~(GIVEN_FIRST & within("words", 1, 3)) & ~titled([*OFFICES, *RANKS, *ARTS, *CALLINGS])
"""Holds of what is not called as persons are."""

UNKNOWN = ~PERSONAL | (within("words", 1, 1) & ~GIVEN_FIRST & ~SURNAMED)
"""Holds of what has none of the looks of a person's name, but that it may be one word."""

FIRM_NAME = headed([*COMPANY_FORMS, *TRADES, *FIRM_ENDINGS]) & ~matches(
    "name",
    r"^[A-Z] Company|Able|Serie A|^[0-9]+(?:st|nd|rd|th)|(?:University|College|Institute|Museum|Theatre|School) |"
    r"(?:Fighter|Bomb|Bombardment|Artillery|Research|Study|Strategic|Working|Parliamentary|Support|Task|Transport|"
    r"Army) (?:[A-Z][a-z]+ )?(?:Group|Company|Press)",
)
"""Holds of names whose head only firms are called by; companies and groups of soldiers and scholars are none."""

FIRMLIKE = (
    ~named([*SCHOOLING, *BODIES, *MEDIA, *CLUBS])
    & ~among("last", TEAMS)
    & ~among("name", [*PLACES, *STATIONS, *FAITHS])
    & ~(GIVEN_FIRST & ~among("last", [*TRADES, *FIRM_ENDINGS, *COMPANY_FORMS]))
)
"""Holds of what may be the name of a firm, as far as its looks go."""
