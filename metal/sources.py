"""Sources (labeling functions): what may vote, on which tasks, with which labels.

A source looks at one example and either returns one of its declared labels or abstains (None). It
covers a *coverage set* of tasks: a label is an assignment to those tasks, written as a single label
name where the source covers one task and as a tuple in the order of `tasks` where it covers several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import LabelVector, TaskGraph

Example = TypeVar("Example")
Vote = str | tuple[str, ...]


class SourceError(RuntimeError):
    """A source raised, returned something it did not declare, or voted differently when asked again."""


@dataclass(frozen=True)
class Source(Generic[Example]):
    """A labeling function with its coverage set and the labels it may emit.

    `labels` holds what the function may return besides None; a source with one label is unipolar.
    """

    name: str
    tasks: tuple[str, ...]
    labels: tuple[Vote, ...]
    function: Callable[[Example], Vote | None]
    description: str = ""

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


def apply_sources(
    sources: Sequence[Source[Example]],
    examples: Iterable[tuple[str, Example]],
    tasks: TaskGraph,
    *,
    on_error: str = "raise",
    recheck_every: int = 50,
) -> tuple[LabelMatrix, dict[str, int]]:
    """Apply every source to every example.

    Parameters
    ----------
    examples : (id, example) pairs
    on_error : "raise" stops at the first source that raises; "abstain" counts it as an abstain
    recheck_every : every that-many-th example is shown twice, and a differing vote is an error; 0 never

    Returns the label matrix, codes (n, m), and for each source how often it raised.
    Raises SourceError naming source, example id and cause.
    """
    if on_error not in ("raise", "abstain"):
        raise ValueError(f"on_error must be 'raise' or 'abstain', not {on_error!r}")
    spaces = tuple(source.space(tasks) for source in sources)
    codes = [{label: code for code, label in enumerate(source.labels, start=1)} for source in sources]
    failures = {source.name: 0 for source in sources}

    def ask(column: int, identifier: str, example: Example) -> int:
        source = sources[column]
        try:
            vote = source.function(example)
        except Exception as error:
            if on_error == "raise":
                raise SourceError(
                    f"source {source.name!r} raised on example {identifier!r}: {type(error).__name__}: {error}. "
                    "Mend the source, or set label.on_error=abstain to count such cases as abstains."
                ) from error
            failures[source.name] += 1
            return 0
        if vote is None:
            return 0
        try:
            return codes[column][vote]
        except (KeyError, TypeError):
            raise SourceError(
                f"source {source.name!r} returned {vote!r} on example {identifier!r}; "
                f"it declares {list(source.labels)} and None to abstain"
            ) from None

    rows: list[list[int]] = []
    for position, (identifier, example) in enumerate(examples):
        row = [ask(column, identifier, example) for column in range(len(sources))]
        if recheck_every and position % recheck_every == 0:
            counted = dict(failures)
            again = [ask(column, identifier, example) for column in range(len(sources))]
            failures.update(counted)
            for column, (first, second) in enumerate(zip(row, again, strict=True)):
                if first != second:
                    raise SourceError(
                        f"source {sources[column].name!r} is not deterministic: on example {identifier!r} it voted "
                        f"{first} and then {second} (0 abstains). Seed it, or make it depend on the example alone."
                    )
        rows.append(row)
    matrix = np.array(rows, dtype=np.int16).reshape(len(rows), len(sources))
    return LabelMatrix(matrix, spaces, tasks), failures
