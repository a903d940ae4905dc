"""Label: apply an application's sources to the text of the labeled splits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from flows.artifacts import LABELED, ArtifactError, Paths, read_table, write_json, write_votes
from flows.cli import run
from flows.config import Config, LabelParams
from metal.application import Application
from metal.applications import load_application
from metal.sources import SourceError, apply_sources


def label(
    application: Application[Any],
    texts: Mapping[str, Path],
    votes: Mapping[str, Path],
    summary: Path,
    params: LabelParams,
) -> None:
    """Write every source's vote on every example of each split, and count what sources raised.

    texts, votes : the Parquet files of each split, read and written
    summary : JSON with the number of examples and of votes, and failures by split and source

    Nothing is written unless all splits succeed. Raises SourceError naming source, example and cause.
    """
    labeled = {}
    failures: dict[str, dict[str, int]] = {}
    for split, path in texts.items():
        frame = read_table(path)
        if "id" not in frame or frame["id"].isna().any():
            raise ArtifactError(f"{path} must have a column 'id' without gaps; run ingest again: dvc repro -f ingest")
        ids = [str(identifier) for identifier in frame["id"]]
        matrix, failures[split] = apply_sources(
            application.sources,
            Views(application, frame, f"label {split}"),
            application.tasks,
            columns=pa.Table.from_pandas(frame, preserve_index=False),
            on_error=params.on_error,
            recheck_every=params.recheck_every,
        )
        labeled[split] = ids, matrix
    for split, (ids, matrix) in labeled.items():
        write_votes(votes[split], ids, matrix)
    examples = sum(len(ids) for ids, _ in labeled.values())
    by_source = {
        source.name: {split: failures[split][source.name] for split in texts} for source in application.sources
    }
    report_failures({name: sum(counts.values()) for name, counts in by_source.items()}, examples)
    write_json(
        summary,
        {
            "sources": len(application.sources),
            "examples": {split: len(ids) for split, (ids, _) in labeled.items()},
            "votes": {split: int((matrix.codes != 0).sum()) for split, (_, matrix) in labeled.items()},
            "failures": by_source,
            "on_error": params.on_error,
        },
    )


class Views(Sequence[tuple[str, Any]]):
    """(id, view) of each row of a table, built when asked for; going through all of them shows how far it has come.

    Raises SourceError naming the example where the application's view of it fails.
    """

    def __init__(self, application: Application[Any], frame: pd.DataFrame, title: str) -> None:
        self._application = application
        self._columns = {str(column): frame[column].tolist() for column in frame.columns}
        self._title = title

    def __len__(self) -> int:
        return len(self._columns["id"])

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return (self[row] for row in tqdm(range(len(self)), desc=self._title, unit="example"))

    def __getitem__(self, row: Any) -> Any:
        example = {column: values[row] for column, values in self._columns.items()}
        try:
            view = self._application.view(example)
        except Exception as error:  # the application's own code: whatever it raises is told with the example
            raise SourceError(
                f"the view of application {self._application.name!r} raised on example {example['id']!r}: "
                f"{type(error).__name__}: {error}. Mend its `view`; label.on_error concerns sources only."
            ) from error
        return str(example["id"]), view


def report_failures(failures: Mapping[str, int], examples: int) -> None:
    """Say on stderr which sources raised, and how often."""
    for name, count in failures.items():
        if count:
            print(
                f"warning: source {name!r} raised on {count} of {examples} examples; counted as abstains",
                file=sys.stderr,
            )


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Apply the sources of the application that the arguments name."""
    application = load_application(arguments.application, config.corpora[arguments.application].name)
    paths = Paths(Path(), arguments.application)
    started = perf_counter()
    label(
        application,
        {split: paths.text(split) for split in LABELED},
        {split: paths.votes(split) for split in LABELED},
        paths.votes_summary,
        config.label,
    )
    print(f"{len(application.sources)} sources voted in {perf_counter() - started:.1f} s", file=sys.stderr)


def main() -> None:
    """Run the step from the command line."""
    run(step, description="Apply an application's sources to the train, dev and test texts.")


if __name__ == "__main__":
    main()
