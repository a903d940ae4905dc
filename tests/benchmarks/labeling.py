"""Labeling, side by side in one process: 20 sources, declared and as Python functions, beside snorkel's applier.

`python -m tests.benchmarks.labeling N RESULT` measures on N invented mentions. All three see the same columns, and must
cast the same votes: the declared sources over an Arrow table, the functions over a mapping a row, and snorkel's
`PandasLFApplier` the same functions over the rows of the data frame.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from metal.applications.entity.listed import listed
from metal.conditions import Condition, among, keywords, matches, within
from metal.sources import Source, Vote, apply_sources, declare
from metal.tasks import Task, TaskGraph
from tests.benchmarks.children import run_child, write_result
from tests.benchmarks.report import Goal, write_report

KINDS = TaskGraph.hierarchy(
    Task("kind", ("Person", "Organization")),
    Task("person", ("Politician", "Other Person"), parent=("kind", "Person")),
    Task("organization", ("Company", "Other Organization"), parent=("kind", "Organization")),
)
Row = Mapping[str, Any]
GOALS = {"declared": 20.0, "functions": 3.0}
"""How many times snorkel's speed is asked for."""
NOTES = (
    "Processor seconds, the least of the repeats, in one process; views of the rows included, imports not. Every vote "
    'is the same in all three. "Functions alone" calls them and drops their votes: no way to apply them takes less.',
)

FIRST = listed("Anna Boris Clara David Emma Felix Grace Hugo Irene Jonas Laura Peter")
LAST = tuple(f"{a}{b}{c}" for a in ("Ba", "Do", "Ka", "Lu", "Mo") for b in ("ro", "ne", "vi") for c in ("son", "man"))
BODIES = listed("Inc Ltd University College Club Airlines Bank Gazette Council Tigers")
FILLER = listed("the a of and to in on that it was with for by from over under after before while since")
CUES = listed(
    """
    president senator minister elected election party painter singer wrote album film novel born married said his her
    its shares factory sold acquired launched company students graduated professor season coach goal league members
    reported committee police regiment wounded commanded
    """
)


def mentions(n: int, seed: int = 0) -> pd.DataFrame:
    """Return n invented mentions: name, its last word, how many it has, and the words before and after."""
    generator = np.random.default_rng(seed)

    def sentences(length: int) -> list[str]:
        words = np.array(FILLER * 3 + CUES, dtype=object)
        return [" ".join(row) for row in words[generator.integers(len(words), size=(n, length))]]

    def drawn(words: tuple[str, ...]) -> npt.NDArray[Any]:
        return np.array(words, dtype=object)[generator.integers(len(words), size=n)]

    last = np.where(generator.random(n) < 0.5, drawn(LAST), drawn(BODIES))
    short = generator.random(n) < 0.3
    first = np.where(generator.random(n) < 0.6, drawn(FIRST), drawn(LAST))
    return pd.DataFrame(
        {
            "before": sentences(6),
            "name": np.where(short, last, first + " " + last),
            "after": sentences(8),
            "last": last,
            "words": np.where(short, 1, 2),
        }
    )


def sources() -> tuple[list[Source[Any]], list[Source[Row]]]:
    """Return the sources as declared, and as plain functions that believe the same."""
    declared: list[Source[Any]] = []
    functions: list[Source[Row]] = []

    def add(name: str, task: str, label: Vote, condition: Condition, predicate: Callable[[Row], Any]) -> None:
        declared.append(declare(name, tasks=task, votes={label: condition}))
        functions.append(Source(name, (task,), (label,), lambda row: label if predicate(row) else None))

    def pattern(name: str, task: str, label: str, column: str, expression: str) -> None:
        search = re.compile(expression).search
        add(name, task, label, matches(column, expression), lambda row: search(row[column]))

    def words(name: str, task: str, label: str, column: str, listed: str) -> None:
        search = re.compile(rf"\b(?:{'|'.join(sorted(listed.split()))})\b").search
        add(name, task, label, keywords(column, listed.split(), ignore_case=False), lambda row: search(row[column]))

    people, bodies = frozenset(LAST[:20]), frozenset(BODIES)
    add("surname", "kind", "Person", among("last", people), lambda row: row["last"] in people)
    add("body", "kind", "Organization", among("last", bodies), lambda row: row["last"] in bodies)
    add("one_word", "kind", "Person", within("words", 1, 1), lambda row: 1 <= row["words"] <= 1)
    pattern("two_capitals", "kind", "Person", "name", r"^[A-Z][a-z]+ [A-Z][a-z]+$")
    pattern("article", "kind", "Organization", "before", r"\b[Tt]he$")
    pattern("pronoun", "kind", "Person", "after", r"^(?:[^ ]+ ){0,5}(?:his|her)\b")
    pattern("its", "kind", "Organization", "after", r"^(?:[^ ]+ ){0,5}(?:its|it)\b")
    pattern("speaks", "kind", "Person", "after", r"^(?:said|wrote|married|born)\b")
    words("given_name", "kind", "Person", "name", "Anna Boris Clara David Emma Felix")
    words("office", "person", "Politician", "before", "president senator minister")
    pattern("elected", "person", "Politician", "after", r"\belected\b")
    words("politics", "person", "Politician", "after", "election party senator minister committee")
    words("art", "person", "Other Person", "after", "painter singer album film novel wrote")
    words("war", "person", "Other Person", "before", "regiment wounded commanded")
    pattern("made_by", "person", "Other Person", "before", r"\b(?:album|film|novel) by$")
    words("trade", "organization", "Company", "name", "Inc Ltd Airlines Bank")
    pattern("deals", "organization", "Company", "after", r"^(?:[^ ]+ ){0,3}(?:sold|acquired|launched)\b")
    words("business", "organization", "Company", "after", "shares factory company sold")
    words("school", "organization", "Other Organization", "after", "students graduated professor")
    words("sport", "organization", "Other Organization", "before", "season coach goal league")
    return declared, functions


class Rows:
    """(id, row) of a frame, a row a mapping of column to value."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._columns = {str(name): frame[name].tolist() for name in frame.columns}

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        names = list(self._columns)
        for number, values in enumerate(zip(*self._columns.values(), strict=True)):
            yield str(number), dict(zip(names, values, strict=True))


def over_columns(declared: Sequence[Source[Any]], frame: pd.DataFrame) -> npt.NDArray[Any]:
    """Return the votes of declared sources, from an Arrow table that is made here."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    nothing: Any = range(len(frame))  # the rows themselves are not asked for
    return apply_sources(declared, nothing, KINDS, columns=table, recheck_every=0)[0].codes


def over_rows(functions: Sequence[Source[Row]], frame: pd.DataFrame) -> npt.NDArray[Any]:
    """Return the votes of functions on the rows, as mappings that are made here."""
    return apply_sources(functions, Rows(frame), KINDS, recheck_every=0)[0].codes


def alone(functions: Sequence[Source[Row]], rows: Sequence[Row]) -> npt.NDArray[Any]:
    """Call the functions and drop what they say: the least that any way to apply them takes."""
    for source in functions:
        function = source.function
        for row in rows:
            function(row)
    return np.zeros(0)


def timed(work: Callable[[], npt.NDArray[Any]], repeats: int) -> tuple[float, npt.NDArray[Any]]:
    """Return the least processor seconds of the repeats, and what was made."""
    seconds, made = [], np.zeros(0)
    for _ in range(repeats):
        started = time.process_time()
        made = work()
        seconds.append(time.process_time() - started)
    return min(seconds), made


def measure(n: int, repeats: int = 3) -> dict[str, float]:
    """Return the seconds of each way. Raises AssertionError where a vote differs."""
    from snorkel.labeling import LabelingFunction, PandasLFApplier

    frame = mentions(n)
    declared, functions = sources()

    def labeler(source: Source[Row]) -> Any:
        function = source.function
        return LabelingFunction(source.name, lambda row: -1 if function(row) is None else 0)

    applier = PandasLFApplier([labeler(source) for source in functions])
    found: dict[str, float] = {}
    found["declared"], first = timed(lambda: over_columns(declared, frame), repeats)
    found["functions"], second = timed(lambda: over_rows(functions, frame), repeats)
    rows = [row for _, row in Rows(frame)]
    found["functions alone"], _ = timed(lambda: alone(functions, rows), repeats)
    found["snorkel"], theirs = timed(lambda: applier.apply(frame, progress_bar=False), 1)
    assert first.shape == (n, len(declared))
    assert np.array_equal(first, second), "a declared source and its function differ"
    assert np.array_equal(first, theirs + 1), "snorkel's votes differ"  # snorkel abstains with -1
    return found | {"votes": float((first > 0).sum())}


def run_labeling(n: int, out: Path, *, timeout: float, say: Callable[[str], None]) -> str:
    """Measure n mentions, write labeling.md and labeling.csv to `out`, return the markdown."""
    say(f"labeling {n:,} mentions: some {n / 6_000:.0f} s")
    found = run_child("tests.benchmarks.labeling", [str(n)], timeout=timeout)
    say(f"labeling: {found}")
    rows = [
        {
            "mentions": f"{n:,}",
            "way": way,
            "s": f"{found[way]:.2f}",
            "us a mention": f"{1e6 * found[way] / n:.2f}",
            "snorkel / it": f"{found['snorkel'] / found[way]:.1f}",
        }
        for way in ("declared", "functions", "functions alone", "snorkel")
    ]
    goals = [
        Goal(
            f"{len(sources()[0])} sources as {way}: at least {least:g} times faster than snorkel",
            f"{found['snorkel'] / found[way]:.1f} times",
            found["snorkel"] / found[way] >= least,
        )
        for way, least in GOALS.items()
    ]
    return write_report(out, "labeling", rows, goals, NOTES)


def main() -> None:
    """Measure what the arguments name."""
    n, result = sys.argv[1:3]
    write_result(result, measure(int(n)))


if __name__ == "__main__":
    main()
