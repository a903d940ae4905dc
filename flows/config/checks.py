"""What every section of the configuration is checked with, and the error that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches


class ConfigError(ValueError):
    """The configuration is wrong; the message names the key, the value, what was expected and the remedy."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a question after the known name that a misspelt one is closest to; nothing where none is close."""
    return "".join(f". Did you mean {found!r}?" for found in get_close_matches(name, list(known), 1))


def one_of(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the choices. Raises ConfigError."""
    if value not in choices:
        raise ConfigError(f"{name}={value!r} is not known; choose one of {list(choices)}{nearest(value, choices)}")


def at_least(name: str, value: float, bound: float) -> None:
    """Refuse a value below a bound. Raises ConfigError."""
    if not value >= bound:
        raise ConfigError(f"{name}={value} is too small; it must be at least {bound}")


@contextmanager
def in_section(name: str) -> Iterator[None]:
    """Let the library check a section's values, which it does anyway: its ValueError becomes a ConfigError."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
