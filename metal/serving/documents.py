"""Documents as they come from outside: checked row by row, shown to an application, answered in one format."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from metal.application import Application, Row
from metal.atomic import write_text
from metal.evaluation import predictions
from metal.labels_file import VOTED, label_column
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]
Seen = TypeVar("Seen")

FORMAT, VERSION, DESCRIPTION = "metal.Scorer", 1, "scorer.json"
"""Of a scorer's folder: what it says it is, and the file that says it."""
IDENTIFIER = "id"
PROBABILITY, VOTES = "probability", "votes"
"""Columns of answers beside those of the tasks, and whether any source VOTED."""
KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "long": (int, np.integer),
    "double": (int, float, np.integer, np.floating),
    "boolean": (bool, np.bool_),
}
"""What a column may hold, by the name that MLflow's signatures give it."""


class DocumentError(ValueError):
    """Documents cannot be scored; the message names row, column and what was expected."""


class ScorerError(ValueError):
    """A folder holds no scorer, or one that does not fit this code."""


class Scorer(ABC):
    """A model that takes documents.

    application : whose sources or text it reads
    columns : the columns of a document, name to one of `KINDS`; a column `id` may come with them
    """

    def __init__(self, application: Application[Any], columns: Mapping[str, str]) -> None:
        self.application = application
        self.columns = dict(columns)
        taken = sorted({IDENTIFIER, PROBABILITY, VOTED, VOTES} & set(self.tasks.names))
        if taken:
            raise ScorerError(f"tasks {taken} of application {application.name!r} are called like columns of answers")

    @property
    def tasks(self) -> TaskGraph:
        """The task graph."""
        return self.application.tasks

    @abstractmethod
    def score(self, documents: pd.DataFrame) -> pd.DataFrame:
        """Return one row a document, in order: what `answers` gives, and what else this model knows.

        Raises DocumentError for documents that lack a column, a value, or are none at all.
        """

    @abstractmethod
    def save(self, folder: Path, corpus: str) -> None:
        """Write weights and description into a folder, for `load_scorer`.

        corpus : of the application, as `load_application` takes it
        """

    def describe(self, folder: Path, kind: str, corpus: str, settings: Mapping[str, Any]) -> None:
        """Write what `load_scorer` needs to know besides the weights."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "kind": kind,
            "application": self.application.name,
            "corpus": corpus,
            "columns": self.columns,
            "settings": dict(settings),
        }
        write_text(folder / DESCRIPTION, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def rows(self, documents: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the documents as rows with an `id`, which is the position where none is given.

        Raises DocumentError naming the first row and column that are not what the application reads.
        """
        if not isinstance(documents, pd.DataFrame):
            raise DocumentError(f"documents come as a table with the columns {list(self.columns)}")
        missing = [name for name in self.columns if name not in documents]
        if missing:
            raise DocumentError(f"column {missing[0]!r} is missing; a document has the columns {list(self.columns)}")
        if not len(documents):
            raise DocumentError("there is no document; send at least one")
        values = {name: documents[name].tolist() for name in self.columns}
        for name, kind in self.columns.items():
            for row, value in enumerate(values[name]):
                if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
                    hint = "; an absent text is an empty one, ''" if kind == "string" else ""
                    raise DocumentError(f"row {row}: column {name!r} is null, expected a {kind}{hint}")
                if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
                    raise DocumentError(f"row {row}: column {name!r} holds {value!r}, expected a {kind}")
        if IDENTIFIER in documents:
            given = documents[IDENTIFIER]
            absent = given.isna().tolist()
            ids = [str(row if absent[row] else identifier) for row, identifier in enumerate(given.tolist())]
        else:
            ids = [str(row) for row in range(len(documents))]
        names = list(values)
        parts = zip(ids, *values.values(), strict=True)
        return [{IDENTIFIER: identifier, **dict(zip(names, row, strict=True))} for identifier, *row in parts]

    def answers(self, probabilities: Floats) -> dict[str, Any]:
        """Return the answers' columns: the likeliest label vector, how probable it is, and every task's labels.

        A column a task holds its entry of the likeliest label vector, "N/A" where it does not apply; `probability` is
        that vector's; `task:TASK=LABEL` are the tasks' marginals, which sum to one for each task.
        """
        best = predictions(probabilities)
        found: dict[str, Any] = {}
        for task in self.tasks.names:
            values = np.array(self.tasks.values(task), dtype=object)
            found[task] = values[self.tasks.task_codes(task)[best]]
        found[PROBABILITY] = probabilities[np.arange(len(best)), best]
        for task in self.tasks.names:
            marginal = self.tasks.marginal(probabilities, task)
            for position, value in enumerate(self.tasks.values(task)):
                found[label_column(task, value)] = marginal[:, position]
        return found


class Shown(Sequence[tuple[str, Seen]]):
    """(id, what the application makes of it) of each row, made when asked for.

    Raises DocumentError naming the document that the application refuses.
    """

    def __init__(self, rows: Sequence[Row], what: str, show: Callable[[Row], Seen]) -> None:
        self._rows = rows
        self._what = what
        self._show = show

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: Any) -> Any:
        row = self._rows[position]
        try:
            return str(row[IDENTIFIER]), self._show(row)
        except Exception as error:  # the application's own code: whatever it raises is told with the document
            reason = f"{type(error).__name__}: {error}"
            raise DocumentError(f"row {position}: the application's {self._what} raised {reason}") from error


def column_kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Return the columns of a corpus's examples but `id`, by the kind of their values.

    Raises ScorerError for a column of another kind than `KINDS`.
    """
    found = {}
    for name in frame.columns:
        if name == IDENTIFIER:
            continue
        dtype = frame[name].dtype
        if isinstance(dtype, np.dtype) and dtype.kind in "iufb":
            found[str(name)] = {"b": "boolean", "f": "double"}.get(dtype.kind, "long")
        elif pd.api.types.is_string_dtype(frame[name]):
            found[str(name)] = "string"
        else:
            raise ScorerError(f"column {name!r} is of type {dtype}; documents hold {list(KINDS)}")
    return found
