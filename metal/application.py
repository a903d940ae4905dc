"""The extension point: an application is a task graph, sources, dependencies and a reader of its corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from metal.sources import Source
from metal.tasks import TaskGraph

View = TypeVar("View")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Corpus:
    """What a reader returns: texts, and gold labels kept apart from them.

    `examples` has a string column `id` and the columns that sources and features may read; `gold` has
    `id` and one column a task, for any subset of the ids; a task that gold does not tell is missing (None) throughout
    its column. `counts` says what was read and skipped.
    `splits` maps ids to "train", "dev", "test" or "rest" where the corpus brings its own splits; where they are
    drawn, examples of one group (by id, e.g. their document) come into one split.
    """

    examples: pd.DataFrame
    gold: pd.DataFrame
    counts: dict[str, int] = field(default_factory=dict)
    splits: dict[str, str] | None = None
    groups: dict[str, str] | None = None


@dataclass(frozen=True)
class Application(Generic[View]):
    """A problem to solve by weak supervision.

    name : how configuration and results call it
    tasks : its task graph
    sources : its labeling functions; each sees one `View`
    dependencies : pairs of source names that are dependent given Y (G_source)
    read : reads a corpus from a path; the second argument is the corpus's configuration section
    view : turns a row of the corpus (a mapping of column to value) into what the sources look at
    text : turns a row into the text that the end model reads
    """

    name: str
    tasks: TaskGraph
    sources: tuple[Source[View], ...]
    read: Callable[[Path, Mapping[str, Any]], Corpus]
    view: Callable[[Row], View]
    text: Callable[[Row], str]
    dependencies: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = [source.name for source in self.sources]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"application {self.name!r} has sources of the same name: {doubled}")
        for source in self.sources:
            source.space(self.tasks)  # raises for a label that contradicts the feasible set
        for pair in self.dependencies:
            if pair[0] == pair[1]:
                raise ValueError(f"application {self.name!r}: source {pair[0]!r} cannot depend on itself")
            for name in pair:
                if name not in names:
                    raise ValueError(f"application {self.name!r}: dependency {pair} names unknown source {name!r}")
