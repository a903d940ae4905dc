"""Invented sentences about invented people and organizations, in OntoNotes' form with fine types: a corpus for anyone.

It exists so that every step can be run, timed and tested without a licensed corpus; what is measured on it says nothing
about real text. A sentence is drawn in four steps: the sort of its first mention, one of that sort's templates, names,
and noise. It is ambiguous on purpose: templates of `ANYWHERE` serve every person, or every organization; firms and
schools may be called by a surname or a given name; and with probability `noise` a sentence gets a second clause with a
cue of another sort.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from metal.corpora.sample_names import FIRST_NAMES, city, date, one, stem, surname

SORTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # sort: OntoNotes' type, and the fine types of Gillick et al.
    "BOSS": ("PERSON", ("/person", "/person/business")),
    "RULER": ("PERSON", ("/person", "/person/political_figure")),
    "ARTIST": ("PERSON", ("/person", "/person/artist")),
    "SOLDIER": ("PERSON", ("/person", "/person/military")),
    "FIRM": ("ORG", ("/organization", "/organization/company")),
    "SCHOOL": ("ORG", ("/organization", "/organization/education")),
    "TEAM": ("ORG", ("/organization", "/organization/sports_team")),
    "PRESS": ("ORG", ("/organization",)),
    "OFFICE": ("ORG", ("/organization", "/organization/government")),
}
OTHERS = {"CITY": "GPE", "YEAR": "DATE"}
"""Names that a sentence may have besides, and their type."""

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "BOSS": (
        "chairman BOSS spoke of profits",
        "the founder BOSS sold his shares",
        "BOSS , chief executive of FIRM , resigned",
        "BOSS was an investor from CITY",
        "BOSS announced a merger of the company with FIRM",
        "Mr. BOSS said that sales grew",
        "the customers of BOSS are pleased",
    ),
    "RULER": (
        "President RULER signed the treaty",
        "RULER was elected in YEAR",
        "RULER of CITY was crowned",
        "King RULER reigned until YEAR",
        "the minister of trade , RULER , spoke",
        "RULER was a senator from CITY",
        "RULER lost the election in YEAR",
        "the government of RULER fell",
    ),
    "ARTIST": (
        "the painter ARTIST lived in CITY",
        "a novel written by ARTIST",
        "the album of songs by ARTIST",
        "ARTIST 's novel was read in YEAR",
        "ARTIST wrote a poem about CITY",
        "ARTIST was an English composer",
        "ARTIST ( born YEAR ) sang in the opera",
        "her brother ARTIST painted",
        "the director of the film , ARTIST , spoke",
        "the painter was a friend of ARTIST and ARTIST",
    ),
    "SOLDIER": (
        "Colonel SOLDIER was wounded in YEAR",
        "SOLDIER commanded a regiment in the battle of CITY",
        "the troops of SOLDIER surrendered",
        "Captain SOLDIER returned with the squadron",
    ),
    "FIRM": (
        "the cars were made by FIRM",
        "FIRM announced a new factory",
        "FIRM 's shares fell in YEAR",
        "FIRM sold its stores in CITY",
        "the revenue of FIRM grew",
        "BOSS runs FIRM",
        "FIRM acquired FIRM",
        "engines from FIRM were bought in CITY",
    ),
    "SCHOOL": (
        "ARTIST graduated from SCHOOL",
        "the students of SCHOOL read",
        "a professor of law at SCHOOL spoke",
        "he studied at SCHOOL in YEAR",
        "SCHOOL moved its campus to CITY",
    ),
    "TEAM": (
        "the TEAM won the championship",
        "he played for TEAM in YEAR",
        "TEAM beat TEAM",
        "the coach of TEAM resigned after the season",
        "TEAM scored a goal in CITY",
        "the clubs of CITY are TEAM and TEAM",
    ),
    "PRESS": (
        "the newspaper `` PRESS '' was sold in CITY",
        "the editor of PRESS spoke",
        "PRESS , which reported the news , had readers in CITY",
    ),
    "OFFICE": (
        "the OFFICE said that its members had voted",
        "a committee of the OFFICE met",
        "RULER was president of the OFFICE",
        "police and officers of the OFFICE came to CITY",
    ),
}
"""Sentences by the sort of mention that they are drawn for; words in capitals become names."""
ANYWHERE: Mapping[str, tuple[str, ...]] = {
    "PERSON": ("PERSON was seen in CITY", "PERSON said so in YEAR", "and then PERSON came", "PERSON lost his hat"),
    "ORG": ("ORG was seen in CITY", "people talked about ORG", "he wrote a letter to ORG", "ORG lost its case"),
}
"""Sentences that tell the type alone: they serve every sort of it."""
AMBIGUOUS = 0.2
"""How often a sentence is one of these."""
DISTRACTIONS = (
    "while the orchestra played an opera",
    "after the election was lost",
    "as the shares of a company fell",
    "before the championship game",
    "when the students graduated",
    "because the regiment had been wounded",
)
OPENINGS = ("", "", "On Monday ,", "As many recall ,", "In the spring ,")
SENTENCES = 5
"""Of a document."""

SURNAMES = ("Smith", "Taylor", "Young", "Ward", "Scott", "Shaw")
NUMBERS = ("II", "III", "IV", "VI", "XI")
KNOWN: Mapping[str, tuple[str, ...]] = {
    "RULER": ("Abraham Lincoln", "Churchill", "Nehru"),
    "ARTIST": ("Mozart", "Goethe", "Giuseppe Verdi"),
    "FIRM": ("Toyota", "Nokia", "Siemens"),
    "TEAM": ("Spain", "Kenya", "Peru"),
    "OFFICE": ("BBC", "UNESCO", "NATO", "NASA"),
}
"""Names that everybody knows, in an invented sentence."""
FORMS = ("Inc", "Ltd", "Group", "Holdings")
TRADES = ("Airlines", "Motors", "Bank", "Electronics", "Software", "Steel")
ANIMALS = ("Tigers", "Eagles", "Bears", "Sharks")
CLUBS = ("United", "Rovers", "F.C.", "Wanderers")
PAPERS = ("Gazette", "Times", "Herald", "Tribune")
BODIES = ("Council", "Commission", "Union", "Agency", "Army")


def write_ontonotes(folder: Path, *, mentions: int, seed: int, noise: float = 0.2, fine_types: bool = True) -> None:
    """Write sentences with `mentions` invented persons and organizations, or one more, the same for the same seed.

    folder : gets `sample.name` and, with `fine_types`, `fine.json`; it is made
    noise : the probability that a sentence has a second clause with a cue of another sort, in [0, 1]
    Raises ValueError for noise out of range.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise must lie in [0, 1]; got {noise}")
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    fine: list[str] = []
    with (folder / "sample.name").open("w", encoding="utf-8") as file:
        for number, words in enumerate(_sentences(np.random.default_rng(seed), noise)):
            if number % SENTENCES == 0:
                heading = f'<DOC DOCNO="sample/{number // SENTENCES:06}">\n'
                file.write(heading if number == 0 else f"</DOC>\n{heading}")
            file.write(" ".join(_tagged(sort, name) for sort, name in words) + "\n")
            fine.append(json.dumps(_annotation(words)) + "\n")
            written += sum(sort in SORTS for sort, _ in words)
            if written >= mentions:
                break
        file.write("</DOC>\n")
    if fine_types:
        (folder / "fine.json").write_text("".join(fine), encoding="utf-8")


Words = list[tuple[str, list[str]]]
"""A sentence: names with their sort, and other words with none."""


def _sentences(generator: np.random.Generator, noise: float) -> Iterator[Words]:
    for _ in count():
        sort = one(generator, tuple(SORTS))
        kind = SORTS[sort][0]
        templates = ANYWHERE[kind] if generator.random() < AMBIGUOUS else TEMPLATES[sort]
        text = [*one(generator, OPENINGS).split(), *one(generator, templates).split()]
        if generator.random() < noise:
            text += one(generator, DISTRACTIONS).split()
        yield [_word(generator, sort if word == kind else word) for word in [*text, "."]]


def _word(generator: np.random.Generator, word: str) -> tuple[str, list[str]]:
    """Return a name for a sort, and any other word as it is."""
    return (word, NAMES[word](generator)) if word in NAMES else ("", [word])


def _tagged(sort: str, words: list[str]) -> str:
    text = " ".join(words).replace("&", "&amp;").replace("(", "-LRB-").replace(")", "-RRB-")
    kind = SORTS[sort][0] if sort in SORTS else OTHERS.get(sort)
    return text if kind is None else f'<ENAMEX TYPE="{kind}">{text}</ENAMEX>'


def _annotation(sentence: Words) -> dict[str, Any]:
    """Return a sentence's fine types in the form of Gillick et al."""
    tokens: list[str] = []
    mentions = []
    for sort, words in sentence:
        if sort in SORTS:
            span = {"start": len(tokens), "end": len(tokens) + len(words)}
            mentions.append({**span, "labels": list(SORTS[sort][1])})
        tokens += words
    return {"tokens": tokens, "mentions": mentions}


def _person(sort: str) -> Callable[[np.random.Generator], list[str]]:
    """Return what draws the names of a sort of person."""

    def name(generator: np.random.Generator) -> list[str]:
        first, shape = one(generator, FIRST_NAMES), generator.random()
        last = one(generator, SURNAMES) if generator.random() < 0.2 else surname(generator)
        if shape < 0.1:
            return [f"{first[0]}.", f"{one(generator, FIRST_NAMES)[0]}.", last]
        if shape < 0.2 and sort == "RULER":
            return [first, one(generator, NUMBERS)]
        return [last] if shape < 0.45 else [first, last]

    return _or_known(sort, name)


def _founder(generator: np.random.Generator) -> str:
    """Return the beginning of an organization's name, at times a given name."""
    return one(generator, FIRST_NAMES) if generator.random() < 0.2 else stem(generator)


def _firm(generator: np.random.Generator) -> list[str]:
    shape = generator.random()
    if shape < 0.2:
        return [surname(generator)]  # named for its founder
    name = _founder(generator)
    if shape < 0.35:
        return [name.upper()]
    return [name, "&", "Sons"] if shape < 0.45 else [name, one(generator, FORMS if shape < 0.7 else TRADES)]


def _school(generator: np.random.Generator) -> list[str]:
    if generator.random() < 0.4:
        return ["University", "of", *city(generator)]
    return [_founder(generator), *one(generator, ("College", "Institute of Technology", "School")).split()]


def _team(generator: np.random.Generator) -> list[str]:
    return [*city(generator), one(generator, ANIMALS if generator.random() < 0.5 else CLUBS)]


def _press(generator: np.random.Generator) -> list[str]:
    return [*city(generator), one(generator, PAPERS)]


def _office(generator: np.random.Generator) -> list[str]:
    body = one(generator, BODIES)
    return [*city(generator), body] if generator.random() < 0.6 else ["National", body, "of", *city(generator)]


def _or_known(
    sort: str, name: Callable[[np.random.Generator], list[str]]
) -> Callable[[np.random.Generator], list[str]]:
    """Return what draws, one time in ten, a name that everybody knows, where there are such."""

    def drawn(generator: np.random.Generator) -> list[str]:
        known = sort in KNOWN and generator.random() < 0.1
        return one(generator, KNOWN[sort]).split() if known else name(generator)

    return drawn


NAMES: Mapping[str, Callable[[np.random.Generator], list[str]]] = {
    **{sort: _person(sort) for sort, (kind, _) in SORTS.items() if kind == "PERSON"},
    "FIRM": _or_known("FIRM", _firm),
    "SCHOOL": _school,
    "TEAM": _or_known("TEAM", _team),
    "PRESS": _press,
    "OFFICE": _or_known("OFFICE", _office),
    "CITY": city,
    "YEAR": date,
}
"""What draws a name, by the word that stands for it in a template."""
