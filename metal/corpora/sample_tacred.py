"""Invented sentences about invented people, places and organizations, written in TACRED's form: a corpus for anyone.

It exists so that every step can be run, timed and tested without a licensed corpus; what is measured on it says nothing
about real text. A sentence is drawn in four steps: a relation, one of its templates, names for the spans, and noise.
Templates are ambiguous on purpose: some serve two relations ("SUBJ of OBJ"), some relations borrow another's words, and
with probability `noise` a sentence gets a second clause with a cue of another relation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from metal.corpora.sample_names import city, date, one, person, stem

LONG = "for a long time with the rain and with the harvest of that spring"
TEMPLATES: dict[tuple[str, str, str], tuple[str, ...]] = {
    # (relation, subject type, object type): sentences with SUBJ and OBJ
    ("per:city_of_birth", "PERSON", "CITY"): (
        "SUBJ was born in OBJ",
        "SUBJ , a native of OBJ , spoke",
        "SUBJ ( OBJ , 1901 - 1980 ) spoke",
        "SUBJ of OBJ",
    ),
    ("per:cities_of_residence", "PERSON", "CITY"): (
        "SUBJ lives in OBJ",
        "SUBJ moved to OBJ with his wife",
        "SUBJ was seen in OBJ",
        "SUBJ of OBJ",
    ),
    ("per:origin", "PERSON", "NATIONALITY"): ("SUBJ is a OBJ poet", "the OBJ engineer SUBJ spoke"),
    ("per:origin", "PERSON", "COUNTRY"): ("SUBJ , a citizen of OBJ , spoke", "SUBJ of OBJ"),
    ("per:employee_of", "PERSON", "ORGANIZATION"): (
        "SUBJ works for OBJ",
        "SUBJ joined OBJ as director",
        "OBJ engineer SUBJ spoke",
        "SUBJ , a professor at OBJ , spoke",
        "SUBJ played for OBJ",
        "SUBJ was seen at OBJ",
    ),
    ("per:schools_attended", "PERSON", "ORGANIZATION"): (
        "SUBJ graduated from OBJ",
        "SUBJ studied at OBJ",
        "SUBJ has a OBJ degree",
        "SUBJ was seen at OBJ",
    ),
    ("per:spouse", "PERSON", "PERSON"): (
        "SUBJ married OBJ",
        "SUBJ and his wife OBJ spoke",
        "at the wedding , SUBJ and OBJ spoke",
        "SUBJ came with OBJ",
    ),
    ("per:parents", "PERSON", "PERSON"): (
        "SUBJ is a son of OBJ",
        "OBJ and her daughter SUBJ spoke",
        "OBJ , mother of SUBJ , spoke",
        "SUBJ came with OBJ",
    ),
    ("per:date_of_birth", "PERSON", "DATE"): (
        "SUBJ ( born OBJ ) spoke",
        "SUBJ ( OBJ - 1999 ) spoke",
        "SUBJ was born in OBJ",
    ),
    ("per:date_of_death", "PERSON", "DATE"): (
        "SUBJ died in OBJ",
        "SUBJ was killed in OBJ",
        "SUBJ ( 1850 - OBJ ) spoke",
        "SUBJ spoke until OBJ",
    ),
    ("org:city_of_headquarters", "ORGANIZATION", "CITY"): (
        "SUBJ is based in OBJ",
        "the headquarters of SUBJ in OBJ",
        "SUBJ is seen in OBJ",
    ),
    ("org:founded_by", "ORGANIZATION", "PERSON"): ("OBJ founded SUBJ", "SUBJ was established by OBJ", "OBJ of SUBJ"),
    ("org:top_members/employees", "ORGANIZATION", "PERSON"): (
        "OBJ is the CEO of SUBJ",
        "SUBJ president OBJ spoke",
        "OBJ of SUBJ",
    ),
    ("org:founded", "ORGANIZATION", "DATE"): ("SUBJ was founded in OBJ", "SUBJ , established OBJ , grew"),
    ("org:parents", "ORGANIZATION", "ORGANIZATION"): ("SUBJ is a subsidiary of OBJ", "OBJ acquired SUBJ"),
    ("per:title", "PERSON", "TITLE"): ("SUBJ is a OBJ", "OBJ SUBJ spoke"),
    ("no_relation", "PERSON", "CITY"): (
        "SUBJ spoke of a road from the river to OBJ",
        "SUBJ was asked about OBJ",
        "SUBJ listened ; OBJ was far away",
        f"SUBJ spoke {LONG} , and OBJ was far away",
    ),
    ("no_relation", "PERSON", "PERSON"): (
        "SUBJ spoke ; OBJ listened",
        "SUBJ was asked about OBJ",
        f"SUBJ spoke {LONG} , and OBJ listened",
    ),
    ("no_relation", "PERSON", "ORGANIZATION"): (
        "SUBJ wrote a letter to OBJ",
        "SUBJ was asked about OBJ",
        "SUBJ listened ; OBJ grew",
        f"SUBJ spoke {LONG} , and OBJ grew",
    ),
    ("no_relation", "PERSON", "DATE"): ("SUBJ spoke in OBJ", "SUBJ was asked in OBJ"),
    ("no_relation", "ORGANIZATION", "PERSON"): (
        "SUBJ wrote a letter to OBJ",
        "SUBJ was praised by OBJ",
        "SUBJ grew ; OBJ listened",
        f"SUBJ grew {LONG} , and OBJ listened",
    ),
    ("no_relation", "ORGANIZATION", "CITY"): ("SUBJ sold a road to OBJ", "SUBJ wrote a letter to OBJ"),
    ("no_relation", "ORGANIZATION", "DATE"): ("SUBJ grew in OBJ", "SUBJ wrote a letter in OBJ"),
    ("no_relation", "ORGANIZATION", "ORGANIZATION"): ("SUBJ wrote a letter to OBJ", "SUBJ and OBJ grew"),
}
DISTRACTIONS = (
    "while the mother of a friend was born elsewhere",
    "after the company was founded",
    "and the president of the club died",
    "because her husband lives abroad",
    "when the students graduated",
    "as a subsidiary was acquired",
)
OPENINGS = ("", "On Monday ,", "According to the paper ,", "As many recall ,", "In the spring ,")

COUNTRIES = ("Denmark", "Poland", "Kenya", "Peru", "Ireland")
BODIES = ("Inc", "Ltd", "University", "College", "Club", "Group")
PEOPLES = ("Danish", "Polish", "Kenyan", "Peruvian", "Korean", "Irish")
NAMES = {"PERSON": person, "CITY": city, "DATE": date}
JOBS = ("poet", "judge", "painter", "engineer")


def write_tacred(path: Path, *, examples: int, seed: int, noise: float = 0.2) -> None:
    """Write `examples` invented sentences to a file in TACRED's form, the same for the same seed.

    noise : the probability that a sentence has a second clause with a cue of another relation, in [0, 1]
    Raises ValueError for noise out of range.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise must lie in [0, 1]; got {noise}")
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, record in enumerate(_records(np.random.default_rng(seed), examples, noise)):
            file.write(",\n" if number else "\n")
            file.write(json.dumps(record))
        file.write("\n]\n")


def _records(generator: np.random.Generator, examples: int, noise: float) -> Iterator[dict[str, Any]]:
    kinds = list(TEMPLATES)
    # Half as many again are related as are not, whatever the number of templates.
    weights = np.array([1.0 if kind[0] == "no_relation" else 1.5 for kind in kinds])
    chosen = generator.choice(len(kinds), examples, p=weights / weights.sum())
    for number, kind in enumerate(chosen):
        relation, subject_type, object_type = kinds[kind]
        template = one(generator, TEMPLATES[kinds[kind]])
        words = [*one(generator, OPENINGS).split(), *template.split()]
        if generator.random() < noise:
            words += one(generator, DISTRACTIONS).split()
        names = {"SUBJ": _name(generator, subject_type), "OBJ": _name(generator, object_type)}
        tokens: list[str] = []
        spans: dict[str, tuple[int, int]] = {}
        for word in [*words, "."]:
            span = names.get(word, [word])
            if word in names:
                spans[word] = (len(tokens), len(tokens) + len(span) - 1)
            tokens += span
        yield {
            "id": f"sample-{number:06}",
            "docid": f"sample-{number // 3:06}",
            "relation": relation,
            "token": tokens,
            "subj_start": spans["SUBJ"][0],
            "subj_end": spans["SUBJ"][1],
            "obj_start": spans["OBJ"][0],
            "obj_end": spans["OBJ"][1],
            "subj_type": subject_type,
            "obj_type": object_type,
        }


def _name(generator: np.random.Generator, kind: str) -> list[str]:
    """Return the words of an invented name."""
    if kind in NAMES:
        return NAMES[kind](generator)
    if kind == "ORGANIZATION":
        name = stem(generator)
        return [name, one(generator, BODIES)] if generator.random() < 0.7 else [name.upper()]
    return [one(generator, {"NATIONALITY": PEOPLES, "COUNTRY": COUNTRIES, "TITLE": JOBS}[kind])]
