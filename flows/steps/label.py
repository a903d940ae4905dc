"""Label: apply an application's sources to the text of the labeled splits."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from flows.artifacts import LABELED, ArtifactError, Paths, write_json
from flows.cli import run
from flows.config import Config, LabelParams
from flows.engine import chosen_engine
from flows.unfinished import take_over, unfinished
from metal.application import Application
from metal.applications import load_application
from metal.engine import Engine
from metal.labeling import label_partitions
from metal.partitions import code
from metal.votes_file import VotesFileError


def label(
    application: Application[Any],
    texts: Mapping[str, Path],
    votes: Mapping[str, Path],
    summary: Path,
    scratch: Path,
    params: LabelParams,
    engine: Engine,
) -> None:
    """Write every source's vote on every example of each split, and count what sources raised.

    texts, votes : each split's Parquet file, or folder of partitions, read and written
    summary : JSON with the number of examples and of votes, and failures by split and source
    scratch : directory of finished partitions, with which an interrupted run goes on; removed at the end

    Nothing is written unless all splits succeed. Raises SourceError naming source, example and cause.
    """
    labeled = {}
    for split, path in texts.items():
        try:
            labeled[split] = label_partitions(
                application,
                path,
                unfinished(scratch, path),
                version=code(),
                on_error=params.on_error,
                recheck_every=params.recheck_every,
                engine=engine,
                title=f"label {split}",
            )
        except VotesFileError as error:
            raise ArtifactError(f"{error}; run ingest again: dvc repro -f ingest") from error
    for split, path in votes.items():
        take_over(scratch / texts[split].name, path)
    shutil.rmtree(scratch)
    by_source = {
        source.name: {split: labeled[split].failures[source.name] for split in texts} for source in application.sources
    }
    report_failures(
        {name: sum(counts.values()) for name, counts in by_source.items()},
        sum(found.rows for found in labeled.values()),
    )
    write_json(
        summary,
        {
            "sources": len(application.sources),
            "examples": {split: found.rows for split, found in labeled.items()},
            "votes": {split: found.votes for split, found in labeled.items()},
            "failures": by_source,
            "on_error": params.on_error,
        },
    )


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
    with chosen_engine(config.engine) as engine:
        label(
            application,
            {split: paths.text(split) for split in LABELED},
            {split: paths.votes(split) for split in LABELED},
            paths.votes_summary,
            paths.scratch("votes"),
            config.label,
            engine,
        )
    print(f"{len(application.sources)} sources voted in {perf_counter() - started:.1f} s", file=sys.stderr)


def main() -> None:
    """Run the step from the command line."""
    run(step, description="Apply an application's sources to the train, dev and test texts.")


if __name__ == "__main__":
    main()
