"""Sources (labeling functions): what may vote, on which tasks, with which labels.

A source looks at one example and either returns one of its declared labels or abstains (None). It
covers a *coverage set* of tasks: a label is an assignment to those tasks, written as a single label
name where the source covers one task and as a tuple in the order of `tasks` where it covers several.

A source is a Python function (`labeling_function`), or declared by conditions on the columns of an example (`declare`):
those are evaluated over all rows of a table at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from metal.conditions import Columns, Condition
from metal.label_matrix import ABSTAIN, LabelMatrix, LabelSpace
from metal.tasks import LabelVector, TaskGraph

Example = TypeVar("Example")
Vote = str | tuple[str, ...]
Codes = npt.NDArray[np.int16]

CHUNK = 4096
"""Examples that are kept in memory at a time, for sources that are functions."""
RECHECKS = 1000
"""As many examples are rechecked where all votes come from columns: conditions alone cannot change their mind."""


class SourceError(RuntimeError):
    """A source raised, returned something it did not declare, or voted differently when asked again."""


@dataclass(frozen=True)
class Source(Generic[Example]):
    """A labeling function with its coverage set and the labels it may emit.

    `labels` holds what the function may return besides None; a source with one label is unipolar.
    `conditions`, of a declared source, are those under which it votes each label; the first that holds decides.
    """

    name: str
    tasks: tuple[str, ...]
    labels: tuple[Vote, ...]
    function: Callable[[Example], Vote | None]
    description: str = ""
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"source name {self.name!r} must be an identifier: it names a column")
        if not self.tasks:
            raise ValueError(f"source {self.name!r} covers no task")
        if not self.labels:
            raise ValueError(f"source {self.name!r} declares no label it may emit")
        if len(set(self.vectors)) != len(self.labels):
            raise ValueError(f"source {self.name!r} declares a label twice: {self.labels}")

    @property
    def vectors(self) -> tuple[LabelVector, ...]:
        """The declared labels as assignments to `tasks`."""
        return tuple((label,) if isinstance(label, str) else tuple(label) for label in self.labels)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that a declared source reads."""
        return frozenset(column for condition in self.conditions for column in condition.columns())

    def space(self, tasks: TaskGraph) -> LabelSpace:
        """Return the label space of this source's column. Raises ValueError for an infeasible label."""
        return LabelSpace.checked(self.name, self.tasks, self.vectors, tasks)


def labeling_function(
    *, tasks: str | Sequence[str], labels: Sequence[Vote], name: str | None = None
) -> Callable[[Callable[[Example], Vote | None]], Source[Example]]:
    """Turn a function of one example into a `Source`; its name and docstring become the source's.

    >>> @labeling_function(tasks="spam", labels=["yes"])
    ... def has_link(text: str) -> str | None:
    ...     return "yes" if "http" in text else None
    >>> has_link.name
    'has_link'
    """
    covered = (tasks,) if isinstance(tasks, str) else tuple(tasks)

    def wrap(function: Callable[[Example], Vote | None]) -> Source[Example]:
        lines = (function.__doc__ or "").strip().splitlines()
        called = name or str(getattr(function, "__name__", ""))
        return Source(called, covered, tuple(labels), function, lines[0] if lines else "")

    return wrap


def declare(name: str, *, tasks: str | Sequence[str], votes: Mapping[Vote, Condition], says: str = "") -> Source[Any]:
    """Declare a source by its votes: it votes the first label whose condition holds, and else abstains.

    Its examples are mappings, or objects, with the columns that the conditions name.

    >>> from metal.conditions import keywords, matches
    >>> spam = declare("spam", tasks="kind", votes={"yes": keywords("text", ["prize"]), "no": matches("text", "^Re:")})
    >>> spam.function({"text": "Your PRIZE!"})
    'yes'
    """
    rules = tuple(votes.items())

    def function(example: Any) -> Vote | None:
        return next((label for label, condition in rules if condition.holds(example)), None)

    covered = (tasks,) if isinstance(tasks, str) else tuple(tasks)
    return Source(name, covered, tuple(votes), function, says, tuple(votes.values()))


def apply_sources(
    sources: Sequence[Source[Example]],
    examples: Iterable[tuple[str, Example]],
    tasks: TaskGraph,
    *,
    columns: Any = None,
    on_error: str = "raise",
    recheck_every: int = 50,
) -> tuple[LabelMatrix, dict[str, int]]:
    """Apply every source to every example.

    Parameters
    ----------
    examples : (id, example) pairs
    columns : an Arrow table with the examples' columns, a row each in the same order: the declared sources that read
        nothing else are evaluated over it. Where these are all and `examples` is a sequence, only what is rechecked
        is read of it
    on_error : "raise" stops at the first source that raises; "abstain" counts it as an abstain
    recheck_every : every that-many-th example is shown again, and a differing vote is an error; 0 never. So is an
        example that differs from its row of `columns`

    Returns the label matrix, codes (n, m), and for each source how often it raised.
    Raises SourceError naming source, example id and cause, ValueError where `columns` do not fit.
    """
    if on_error not in ("raise", "abstain"):
        raise ValueError(f"on_error must be 'raise' or 'abstain', not {on_error!r}")
    spaces = tuple(source.space(tasks) for source in sources)
    panel = _Panel(sources, raising=on_error == "raise")
    known = set() if columns is None else set(columns.column_names)
    declared = [i for i, source in enumerate(sources) if source.conditions and source.columns <= known]
    called = [i for i in range(len(sources)) if i not in declared]
    done = np.zeros((0 if columns is None else columns.num_rows, len(sources)), dtype=np.int16)
    if declared:
        prepared = Columns(columns)
        with ThreadPoolExecutor() as pool:  # Arrow's kernels leave other threads free
            done[:, declared] = np.stack(list(pool.map(lambda i: over(sources[i], prepared), declared)), axis=1)
    if declared and not called and isinstance(examples, Sequence):
        if len(examples) != len(done):
            raise ValueError(f"there are {len(examples)} examples, but {len(done)} rows of columns")
        step = max(recheck_every, len(examples) // RECHECKS)
        for row in range(0, len(examples), step) if recheck_every else ():
            panel.recheck(declared, done[row, declared], *examples[row])
        return LabelMatrix(done, spaces, tasks), panel.failures
    chunks: list[Codes] = []
    start, stream = 0, iter(examples)
    while chunk := list(islice(stream, CHUNK)):
        codes = np.zeros((len(chunk), len(sources)), dtype=np.int16)
        if declared:
            if start + len(chunk) > len(done):
                raise ValueError(f"there are more examples than the {len(done)} rows of columns")
            codes[:, declared] = done[start : start + len(chunk)][:, declared]
        for i in called:
            codes[:, i] = panel.ask_all(i, chunk)
        for row in range(-start % recheck_every, len(chunk), recheck_every) if recheck_every else ():
            panel.recheck(range(len(sources)), codes[row], *chunk[row])
        chunks.append(codes)
        start += len(chunk)
    if declared and start != len(done):
        raise ValueError(f"there are {start} examples, but {len(done)} rows of columns")
    matrix = np.concatenate(chunks) if chunks else np.zeros((0, len(sources)), dtype=np.int16)
    return LabelMatrix(matrix, spaces, tasks), panel.failures


def over(source: Source[Any], columns: Columns) -> Codes:
    """Return the votes of a declared source on every row, as codes (n,)."""
    codes = np.full(len(columns), ABSTAIN, dtype=np.int16)
    for code, condition in reversed(list(enumerate(source.conditions, start=1))):
        codes[condition.mask(columns)] = code  # the first label that holds is written last
    return codes


class _Panel(Generic[Example]):
    """Sources that are asked about examples; counts how often each of them raised."""

    def __init__(self, sources: Sequence[Source[Example]], *, raising: bool) -> None:
        self._sources = sources
        self._raising = raising
        self._codes: list[dict[Vote | None, int]] = [
            {None: ABSTAIN, **{label: code for code, label in enumerate(source.labels, start=1)}} for source in sources
        ]
        self.failures = {source.name: 0 for source in sources}

    def ask_all(self, column: int, examples: Sequence[tuple[str, Example]]) -> list[int]:
        """Return a source's votes as codes; one by one only where something is wrong."""
        function, codes = self._sources[column].function, self._codes[column]
        try:
            return [codes[function(example)] for _, example in examples]
        except Exception:
            return [self.ask(column, identifier, example) for identifier, example in examples]

    def ask(self, column: int, identifier: str, example: Example) -> int:
        """Return a source's vote as a code. Raises SourceError naming source, example and cause."""
        source = self._sources[column]
        try:
            vote = source.function(example)
        except Exception as error:
            if self._raising:
                raise SourceError(
                    f"source {source.name!r} raised on example {identifier!r}: {type(error).__name__}: {error}. "
                    "Mend the source, or set label.on_error=abstain to count such cases as abstains."
                ) from error
            self.failures[source.name] += 1
            return ABSTAIN
        try:
            return self._codes[column][vote]
        except (KeyError, TypeError):
            raise SourceError(
                f"source {source.name!r} returned {vote!r} on example {identifier!r}; "
                f"it declares {list(source.labels)} and None to abstain"
            ) from None

    def recheck(self, columns: Iterable[int], codes: Iterable[Any], identifier: str, example: Example) -> None:
        """Ask again, functions twice, or one that alternates might go unseen. Raises SourceError for another vote."""
        counted = dict(self.failures)
        for column, before in zip(columns, codes, strict=True):
            again = self.ask(column, identifier, example)
            if again == before and not self._sources[column].conditions:
                again = self.ask(column, identifier, example)
            if again != before:
                raise SourceError(
                    f"source {self._sources[column].name!r} is not deterministic: on example {identifier!r} it voted "
                    f"{before} and then {again} (0 abstains). Seed it, or make it depend on the example alone."
                )
        self.failures.update(counted)
