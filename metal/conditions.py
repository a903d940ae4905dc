r"""Conditions on the columns of an example, for declarative sources: evaluated one example at a time, or all at once.

A condition names the column that it reads and says when it holds: `matches` (a pattern occurs), `keywords` (a word
of a list occurs), `among` (the value stands in a dictionary), `within` (a number lies in a range); `&`, `|` and `~`
combine them. `holds` evaluates one example, a mapping or an object with the columns as attributes; `mask` all rows of
a table in Arrow's compiled kernels. Both give the same answers:

Arrow searches with RE2, Python with `re`. The two agree on the constructs of `PORTABLE` over printable ASCII.
They differ elsewhere (`\w`, `\b`, `\s` and folding of case are ASCII's in RE2 and Unicode's in Python;
`$` before a last line break; look-around), and there `mask` asks Python, for just the rows or patterns concerned.

A missing value (None, NaN) fulfils no elementary condition; its negation, then, holds.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

PORTABLE = re.compile(
    r"""(?:
      [ -~](?<![\\\[\](){}*+?])                    # a printable character without a meaning of its own, or one of .^$|
    | \\[bdDwWsS] | \\[ -/:-@\[-`{-~]             # a class of characters, a boundary, an escaped sign
    | \[\^?(?:[ -Z^-~]|\\[dDwWsS]|\\[ -/:-@\[-`{-~])+\]    # a set of characters
    | \((?:\?:|(?!\?)) | \)                       # a group without features
    | (?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??(?![*+?{])        # repetition, greedy or not
    )*""",
    re.VERBOSE,
)
"""The patterns on which RE2 and `re` agree over plain text, where RE2 takes them and they hold nothing `AMBIGUOUS`."""

AMBIGUOUS = re.compile(r"--|&&|~~|\|\|")
"""Signs that one of the two may one day take for operations on sets of characters."""


class Columns:
    """Columns of a table as Arrow arrays, and which of their texts are plain; each is worked out once."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._arrays: dict[str, Any] = {}
        self._plain: dict[str, Mask] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def array(self, name: str) -> Any:
        """Return a column. Raises ValueError with the known names."""
        if name not in self._arrays:
            if name not in self._table.column_names:
                raise ValueError(f"there is no column {name!r}; the columns are {self._table.column_names}")
            self._arrays[name] = self._table.column(name).combine_chunks()
        return self._arrays[name]

    def texts(self, name: str) -> Any:
        """Return a column of text. Raises ValueError for another type."""
        array = self.array(name)
        if pa.types.is_null(array.type):
            return array.cast(pa.string())
        if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
            raise ValueError(f"column {name!r} holds {array.type}; patterns and words need text")
        return array

    def plain(self, name: str) -> Mask:
        """Return which texts of a column are printable ASCII; a missing one is not."""
        if name not in self._plain:
            self._plain[name] = _mask(pc.ascii_is_printable(self.texts(name)))
        return self._plain[name]


class Condition(ABC):
    """What must hold of an example."""

    @abstractmethod
    def holds(self, example: Any) -> bool:
        """Say whether the condition holds of one example."""

    @abstractmethod
    def mask(self, columns: Columns) -> Mask:
        """Say of which rows it holds, (n,)."""

    @abstractmethod
    def columns(self) -> Iterator[str]:
        """Yield the names of the columns that it reads."""

    def __and__(self, other: Condition) -> Condition:
        return _Both(self, other)

    def __or__(self, other: Condition) -> Condition:
        return _Either(self, other)

    def __invert__(self) -> Condition:
        return _Not(self)


def matches(column: str, pattern: str, *, ignore_case: bool = False) -> Condition:
    r"""Hold where a regular expression of Python's `re` is found in the column's text: `matches("text", r"\bfor \d")`.

    Raises ValueError for a pattern that `re` does not know.
    """
    return _Matches(column, pattern, ignore_case)


def keywords(column: str, words: Iterable[str], *, ignore_case: bool = True) -> Condition:
    """Hold where a whole word or phrase of a list occurs in the column's text. Raises ValueError for an empty list."""
    # A word that begins or ends with a sign ("U.S.") has no boundary there.
    edges: dict[tuple[str, str], list[str]] = {}
    for word in sorted(_strings(words)):
        before, after = (r"\b" if re.match(r"\w", end) else "" for end in (word[0], word[-1]))
        edges.setdefault((before, after), []).append(re.escape(word))
    parts = [f"{before}(?:{'|'.join(escaped)}){after}" for (before, after), escaped in edges.items()]
    return _Matches(column, "|".join(parts), ignore_case)


def among(column: str, values: Iterable[str]) -> Condition:
    """Hold where the column's whole value stands in a dictionary. Raises ValueError for an empty one."""
    return _Among(column, _strings(values))


def within(column: str, low: float = -np.inf, high: float = np.inf) -> Condition:
    """Hold where the column's number lies in [low, high]."""
    return _Within(column, low, high)


def _strings(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        raise ValueError(f"a list of words is needed, not the string {values!r}; write [{values!r}]")
    found = frozenset(values)
    if not found or "" in found:
        raise ValueError("a list of words must not be empty, nor hold an empty word")
    return found


def _value(example: Any, column: str) -> Any:
    return example[column] if isinstance(example, Mapping) else getattr(example, column)


def _mask(array: Any) -> Mask:
    """Turn Arrow's answer into a mask; what is missing does not hold."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


@dataclass(frozen=True)
class _Matches(Condition):
    column: str
    pattern: str
    ignore_case: bool
    _compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            compiled = re.compile(self.pattern, re.IGNORECASE if self.ignore_case else 0)
        except re.error as error:
            raise ValueError(f"pattern {self.pattern!r} for column {self.column!r}: {error}") from error
        object.__setattr__(self, "_compiled", compiled)

    @cached_property
    def portable(self) -> bool:
        """Whether RE2 finds what Python finds, in plain text."""
        if not PORTABLE.fullmatch(self.pattern) or AMBIGUOUS.search(self.pattern):
            return False
        try:
            pc.match_substring_regex(pa.array([""]), self.pattern, ignore_case=self.ignore_case)
        except pa.ArrowInvalid:  # e.g. too large for RE2
            return False
        return True

    def holds(self, example: Any) -> bool:
        text = _value(example, self.column)
        return isinstance(text, str) and self._compiled.search(text) is not None

    def mask(self, columns: Columns) -> Mask:
        texts = columns.texts(self.column)
        if not self.portable:
            return self._asked_of_python(texts)
        found = _mask(pc.match_substring_regex(texts, self.pattern, ignore_case=self.ignore_case))
        rest = np.flatnonzero(~columns.plain(self.column))
        if len(rest):
            found[rest] = self._asked_of_python(texts.take(pa.array(rest)))
        return found

    def columns(self) -> Iterator[str]:
        yield self.column

    def _asked_of_python(self, texts: Any) -> Mask:
        search = self._compiled.search
        return np.array([text is not None and search(text) is not None for text in texts.to_pylist()], dtype=np.bool_)


@dataclass(frozen=True)
class _Among(Condition):
    column: str
    values: frozenset[str]

    def holds(self, example: Any) -> bool:
        return _value(example, self.column) in self.values

    def mask(self, columns: Columns) -> Mask:
        texts = columns.texts(self.column)
        return _mask(pc.is_in(texts, value_set=pa.array(sorted(self.values), type=texts.type)))

    def columns(self) -> Iterator[str]:
        yield self.column


@dataclass(frozen=True)
class _Within(Condition):
    column: str
    low: float
    high: float

    def holds(self, example: Any) -> bool:
        value = _value(example, self.column)
        return value is not None and self.low <= value <= self.high

    def mask(self, columns: Columns) -> Mask:
        values = columns.array(self.column)
        return _mask(pc.and_(pc.greater_equal(values, self.low), pc.less_equal(values, self.high)))

    def columns(self) -> Iterator[str]:
        yield self.column


@dataclass(frozen=True)
class _Both(Condition):
    first: Condition
    second: Condition

    def holds(self, example: Any) -> bool:
        return self.first.holds(example) and self.second.holds(example)

    def mask(self, columns: Columns) -> Mask:
        return self.first.mask(columns) & self.second.mask(columns)

    def columns(self) -> Iterator[str]:
        yield from self.first.columns()
        yield from self.second.columns()


@dataclass(frozen=True)
class _Either(Condition):
    first: Condition
    second: Condition

    def holds(self, example: Any) -> bool:
        return self.first.holds(example) or self.second.holds(example)

    def mask(self, columns: Columns) -> Mask:
        return self.first.mask(columns) | self.second.mask(columns)

    def columns(self) -> Iterator[str]:
        yield from self.first.columns()
        yield from self.second.columns()


@dataclass(frozen=True)
class _Not(Condition):
    condition: Condition

    def holds(self, example: Any) -> bool:
        return not self.condition.holds(example)

    def mask(self, columns: Columns) -> Mask:
        return ~self.condition.mask(columns)

    def columns(self) -> Iterator[str]:
        yield from self.condition.columns()
