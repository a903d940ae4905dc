"""The invented application's votes, validated: what the tests of validation share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from flows.config import ValidationParams
from flows.validation import Finding, Validation, validate
from flows.validation_tables import VotesFile
from metal.application import Application
from metal.sources import apply_sources
from tests.flows.small_application import texts, weather

BOUNDS = ValidationParams(
    max_empty_text=0.0,
    max_unvoted_rows=0.0,
    max_infeasible_rows=0.25,
    min_coverage=0.01,
    min_abstain_rate=0.0,
    min_overlap=0.5,
    max_conflict=0.6,
    min_polarity=1.0,
    max_abstain_drift=0.1,
)
SIZES = {"train": 20, "dev": 10, "test": 10}


def voted(application: Application[str], frames: dict[str, pd.DataFrame]) -> dict[str, VotesFile]:
    """Return what the label step would write."""
    files = {}
    for split, frame in frames.items():
        examples = [(str(row["id"]), application.view(row)) for row in frame.to_dict("records")]  # type: ignore[arg-type]
        matrix, _ = apply_sources(application.sources, examples, application.tasks)
        table = matrix.frame()
        table.insert(0, "id", [identifier for identifier, _ in examples])
        files[split] = VotesFile(table, matrix.spaces, application.tasks)
    return files


def outcome(
    folder: Path,
    application: Application[str] | None = None,
    frames: dict[str, pd.DataFrame] | None = None,
    files: dict[str, VotesFile] | None = None,
    sizes: dict[str, int] = SIZES,
    bounds: ValidationParams = BOUNDS,
) -> Validation:
    application = weather() if application is None else application
    frames = texts() if frames is None else frames
    files = voted(application, frames) if files is None else files
    return validate(application, frames, files, sizes, bounds, folder / "docs")


def told(finding: Finding) -> tuple[str, str, str]:
    return finding.subject, finding.observed, finding.bound
