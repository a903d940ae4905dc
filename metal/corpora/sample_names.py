"""Names of invented people, places and organizations, for the invented corpora; each drawn by a generator."""

from __future__ import annotations

import numpy as np

SYLLABLES = ("ba", "do", "fe", "gi", "ka", "lu", "mo", "ne", "pi", "ro", "sa", "tu", "ve", "wi", "zo")
FIRST_NAMES = ("Anna", "Boris", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Irene", "Jonas", "Laura", "Peter")
OF_PERSONS, OF_CITIES = ("son", "man", "ley"), ("ville", "burg", "ton")
MONTHS = ("January", "April", "June", "August", "October", "December")


def one(generator: np.random.Generator, choices: tuple[str, ...]) -> str:
    """Return one of several, each as likely."""
    return choices[int(generator.integers(len(choices)))]


def stem(generator: np.random.Generator) -> str:
    """Return the beginning of a name, two syllables: "Bado"."""
    return "".join(one(generator, SYLLABLES) for _ in range(2)).capitalize()


def surname(generator: np.random.Generator) -> str:
    """Return a surname: "Badoson"."""
    return stem(generator) + one(generator, OF_PERSONS)


def person(generator: np.random.Generator) -> list[str]:
    """Return the words of a person's name, at times the surname alone."""
    last = surname(generator)
    return [last] if generator.random() < 0.3 else [one(generator, FIRST_NAMES), last]


def city(generator: np.random.Generator) -> list[str]:
    """Return a city's name: "Badoville"."""
    return [stem(generator) + one(generator, OF_CITIES)]


def date(generator: np.random.Generator) -> list[str]:
    """Return the words of a date, a year with or without its month."""
    year = str(generator.integers(1850, 2020))
    return [year] if generator.random() < 0.5 else [one(generator, MONTHS), year]
