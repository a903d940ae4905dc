"""Validate: hold corpus, votes and sources to expectations derived from the task graph and the sources."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.artifacts import LABELED, SPLITS, Paths, atomic_directory, read_json, read_table, write_json, write_text
from flows.cli import run
from flows.config import Config, LocalCorpus, ValidationParams
from flows.validation import read_votes_file
from flows.validation import validate as check
from flows.validation_report import page, summary
from metal.application import Application
from metal.applications import load_application


class ValidationError(ValueError):
    """Expectations failed; the message lists all of them, the most severe first."""


def validate(
    application: Application[Any],
    texts: Mapping[str, Path],
    votes: Mapping[str, Path],
    sizes: Mapping[str, int],
    out: Path,
    scratch: Path,
    bounds: ValidationParams,
) -> None:
    """Write `summary.json`, `index.html` and Great Expectations' Data Docs (`docs/`) into `out` and `scratch`.

    texts, votes : Parquet files of the splits, and of the labeled splits
    sizes : configured number of rows of each split
    out, scratch : directories; `out` is written only where every expectation holds, `scratch` always, so that
        a person can look at a failure

    Raises ValidationError naming source, expectation, observed value, bound and remedy of every failure.
    """
    frames = {split: read_table(path) for split, path in texts.items()}
    files = {split: read_votes_file(path) for split, path in votes.items()}
    with atomic_directory(scratch) as folder:
        outcome = check(application, frames, files, sizes, bounds, folder / "docs")
        content = summary(application, outcome, bounds)
        write_json(folder / "summary.json", content)
        write_text(folder / "index.html", page(content))
    if outcome.failures:
        lines = "\n".join(f"  {failure.message()}" for failure in outcome.failures)
        raise ValidationError(
            f"application {application.name!r}: {len(outcome.failures)} findings against {outcome.expectations} "
            f"expectations:\n{lines}\nThe page to look at: {scratch / 'index.html'}"
        )
    with atomic_directory(out) as folder:
        shutil.copytree(scratch, folder, dirs_exist_ok=True)


def configured_sizes(corpus: LocalCorpus, ingested: Path) -> dict[str, int]:
    """Return the configured number of rows of each split; none where a file brings the splits (ingest's summary)."""
    if read_json(ingested)["splits"]["from"] != "draw":
        return {}
    return {split: getattr(corpus, split) for split in LABELED}


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Validate the application that the arguments name."""
    paths = Paths(Path(), arguments.application)
    validate(
        load_application(arguments.application, config.corpora[arguments.application].name),
        {split: paths.text(split) for split in SPLITS},
        {split: paths.votes(split) for split in LABELED},
        configured_sizes(config.corpora[arguments.application], paths.corpus_summary),
        paths.validation,
        paths.scratch("validation"),
        config.validation,
    )


def main() -> None:
    """Run the step from the command line."""
    run(step, description="Hold an application's corpus, votes and sources to the expectations derived from them.")


if __name__ == "__main__":
    main()
