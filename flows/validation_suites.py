"""What is expected of a corpus and of votes on it, derived from the task graph and the label spaces.

A plan is plain data: each `Expected` is turned into one Great Expectations object when it is run, so no
object is ever shared between suites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from flows.config import ValidationParams
from flows.validation_tables import (
    CONSISTENT,
    CORPUS_ID,
    TEXT,
    VOTED,
    VotesFile,
    corpus_table,
    label_matrix,
    space_table,
    split_table,
    votes_table,
)
from metal.application import Application
from metal.label_matrix import LabelMatrix, LabelSpace

Reading = Literal["table", "each", "values", "share"]
Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Expected:
    """One expectation.

    kind, arguments : the Great Expectations class and its arguments
    subject : what it is about (a source, a column, a split)
    statement, bound, remedy : in words: what is measured, what is allowed, what to do if it is not
    reading : how a violation is told: "table" by its one observed value, "each" row by row (the rows are
        sources or labels), "values" by the offending values, "share" by the share of offending rows
    """

    kind: str
    subject: str
    statement: str
    bound: str
    remedy: str
    reading: Reading
    arguments: Mapping[str, Any]
    severity: Severity = "critical"


@dataclass(frozen=True)
class Suite:
    """Expectations on one table, called KIND_SPLIT; the columns `index` name a row."""

    name: str
    frame: pd.DataFrame
    index: tuple[str, ...]
    expected: tuple[Expected, ...]


def corpus_suites(
    application: Application[Any],
    texts: Mapping[str, pd.DataFrame],
    sizes: Mapping[str, int],
    bounds: ValidationParams,
) -> list[Suite]:
    """Return a suite a split (schema, rows, ids, texts) and one over all splits (no id in two).

    `texts` maps a split to its examples; `sizes` maps those splits whose number of rows is known to it.
    """
    first = next(iter(texts))
    # gold columns bear the names of tasks: they must never lie beside the texts
    columns = [str(column) for column in texts[first].columns if column not in application.tasks.names]
    again = "run ingest again (dvc repro -f ingest)"
    suites = []
    for split, frame in texts.items():
        where = f"split {split!r}"
        # where columns are missing the application may fail to make a text: those are the finding
        whole = set(columns) <= set(frame.columns)
        table = corpus_table(frame, application.text) if whole else frame
        expected = [
            Expected(
                "ExpectTableColumnsToMatchSet",
                where,
                "columns",
                f"exactly {', '.join(columns)}",
                f"{again}; texts have the same columns in all splits and no gold label among them",
                "table",
                {"column_set": [*columns, *([TEXT] if whole else [])], "exact_match": True},
            ),
            *(
                Expected(
                    "ExpectColumnValuesToBeOfType",
                    f"column {column!r} of {where}",
                    "column type",
                    "text (str)" if column == "id" else f"{texts[first][column].dtype}, as in {first}",
                    again,
                    "table",
                    {"column": column, "type_": "str" if column == "id" else str(texts[first][column].dtype)},
                )
                for column in columns
                if column in frame
            ),
            Expected(
                "ExpectColumnValuesToNotBeNull",
                where,
                "ids present",
                "an id on every row",
                again,
                "share",
                {"column": "id"},
            ),
            Expected(
                "ExpectColumnValuesToBeUnique",
                where,
                "ids doubled in the split",
                "none",
                f"{again}; the reader must give each example an id of its own",
                "values",
                {"column": "id"},
            ),
        ]
        if whole:
            expected.append(
                Expected(
                    "ExpectColumnValuesToNotBeNull",
                    where,
                    "rows without any text",
                    f"at most {bounds.max_empty_text:.2%} of rows",
                    "read more text columns, or raise validation.max_empty_text",
                    "share",
                    {"column": TEXT, "mostly": 1.0 - bounds.max_empty_text},
                    "warning",
                )
            )
        if split in sizes:
            expected.append(
                Expected(
                    "ExpectTableRowCountToEqual",
                    where,
                    "rows",
                    f"{sizes[split]:,} as configured",
                    f"{again}, or configure the size that is meant",
                    "table",
                    {"value": sizes[split]},
                )
            )
        suites.append(Suite(f"corpus_{split}", table, ("id",), tuple(expected)))
    apart = Expected(
        "ExpectColumnValuesToBeUnique",
        f"splits {', '.join(texts)}",
        "ids in two splits",
        "none",
        f"{again}; an id in two splits trains on what it is tested on",
        "values",
        {"column": "id"},
    )
    return [*suites, Suite("corpus_splits", split_table(texts), ("split",), (apart,))]


def votes_suites(
    application: Application[Any],
    votes: Mapping[str, VotesFile],
    texts: Mapping[str, pd.DataFrame],
    bounds: ValidationParams,
) -> tuple[list[Suite], dict[str, LabelMatrix]]:
    """Return two suites a split, on its label spaces and on its votes, and the label matrices that they saw."""
    spaces = tuple(source.space(application.tasks) for source in application.sources)
    suites, matrices = [], {}
    for split, file in votes.items():
        matrix = matrices[split] = label_matrix(file, spaces, application.tasks)
        suites.append(
            Suite(
                f"spaces_{split}",
                space_table(file, spaces, application.tasks),
                ("source", "label"),
                space_expectations(),
            )
        )
        suites.append(
            Suite(
                f"votes_{split}",
                votes_table(file, matrix, texts[split]["id"]),
                ("id",),
                vote_expectations(spaces, file, split, len(texts[split]), bounds),
            )
        )
    return suites, matrices


def space_expectations() -> tuple[Expected, ...]:
    """Return what is expected of the label spaces in a votes file's metadata."""
    again = "run the label step again (dvc repro -f label)"
    return (
        Expected(
            "ExpectColumnValuesToBeBetween",
            "every label of every source",
            "feasible vectors that a label stands for",
            "at least 1: a label is a projection of the feasible set",
            again,
            "each",
            {"column": "feasible_vectors", "min_value": 1},
        ),
        Expected(
            "ExpectColumnValuesToBeInSet",
            "every label of every source",
            "label declared by the source",
            "True: the file's label spaces are those of the application",
            again,
            "each",
            {"column": "declared", "value_set": [True]},
        ),
    )


def vote_expectations(
    spaces: Sequence[LabelSpace], votes: VotesFile, split: str, rows: int, bounds: ValidationParams
) -> tuple[Expected, ...]:
    """Return what is expected of the votes on a split of `rows` examples."""
    again = "run the label step again (dvc repro -f label)"
    where = f"votes on split {split!r}"
    names = [space.name for space in spaces]
    present = [space for space in spaces if space.name in votes.frame]
    return (
        Expected(
            "ExpectTableColumnsToMatchOrderedList",
            where,
            "columns",
            "id and the application's sources, in order",
            again,
            "table",
            {"column_list": ["id", *names, CORPUS_ID, CONSISTENT, VOTED]},
        ),
        Expected(
            "ExpectTableRowCountToEqual", where, "rows", f"{rows:,} as in the corpus", again, "table", {"value": rows}
        ),
        Expected(
            "ExpectColumnPairValuesToBeEqual",
            where,
            "ids that differ from the corpus's, row by row",
            "none",
            again,
            "values",
            {"column_A": "id", "column_B": CORPUS_ID, "ignore_row_if": "neither"},
        ),
        *(
            Expected(
                "ExpectColumnValuesToBeInTypeList",
                f"source {space.name!r} on split {split!r}",
                "type of the votes",
                "int8 or int16, none missing",
                again,
                "table",
                {"column": space.name, "type_list": ["int8", "int16"]},
            )
            for space in present
        ),
        *(
            Expected(
                "ExpectColumnValuesToBeInSet",
                f"source {space.name!r} on split {split!r}",
                "votes outside the source's label space",
                f"none; its labels are 1..{len(space.labels)}, 0 abstains",
                again,
                "values",
                {"column": space.name, "value_set": list(range(len(space.labels) + 1))},
            )
            for space in present
        ),
        Expected(
            "ExpectColumnValuesToBeBetween",
            where,
            "rows whose votes no feasible vector agrees with",
            f"at most {bounds.max_infeasible_rows:.2%} of rows",
            "mend the sources that conflict most (the table names them), or raise validation.max_infeasible_rows",
            "share",
            {"column": CONSISTENT, "min_value": 1, "mostly": 1.0 - bounds.max_infeasible_rows},
            "warning",
        ),
        Expected(
            "ExpectColumnValuesToBeBetween",
            where,
            "rows without any vote",
            f"at most {bounds.max_unvoted_rows:.2%} of rows",
            "add sources that vote where none does, or raise validation.max_unvoted_rows",
            "share",
            {"column": VOTED, "min_value": 1, "mostly": 1.0 - bounds.max_unvoted_rows},
            "warning",
        ),
    )
