"""Label: apply an application's sources to the text of the labeled splits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
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
        shown = tqdm(views(application, frame), total=len(frame), desc=f"label {split}", unit="example")
        matrix, failures[split] = apply_sources(
            application.sources,
            shown,
            application.tasks,
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


def views(application: Application[Any], frame: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """Yield (id, view) of each row, each view built once for all sources.

    Raises SourceError naming the example where the application's view of it fails.
    """
    for row in frame.to_dict("records"):
        example = {str(column): value for column, value in row.items()}
        try:
            view = application.view(example)
        except Exception as error:  # the application's own code: whatever it raises is told with the example
            raise SourceError(
                f"the view of application {application.name!r} raised on example {example['id']!r}: "
                f"{type(error).__name__}: {error}. Mend its `view`; label.on_error concerns sources only."
            ) from error
        yield str(example["id"]), view


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
