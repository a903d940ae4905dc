"""The validation's outcome as data for JSON, and as one page that needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from flows.config import ValidationParams
from flows.validation import Validation
from flows.validation_tables import source_table
from metal.application import Application
from metal.tasks import NOT_APPLICABLE

PAGE = Path(__file__).with_name("pages") / "validation.html"


def summary(application: Application[Any], validation: Validation, bounds: ValidationParams) -> dict[str, Any]:
    """Return the outcome as plain data: success, expectations, failures, findings, bounds and sources.

    `sources` lists every source with its description and, by split, the rates of `source_table`, None where
    a rate is undefined. The same votes and bounds give the same summary.
    """
    train = validation.matrices["train"]
    rates: dict[str, list[dict[str, Any]]] = {
        split: [
            {str(key): plain(value) for key, value in row.items() if key not in ("source", "tasks")}
            for row in source_table(matrix, None if split == "train" else train).to_dict("records")
        ]
        for split, matrix in validation.matrices.items()
    }
    sources = [
        {
            "name": source.name,
            "description": source.description,
            "tasks": list(source.tasks),
            "labels": [
                " & ".join([value for value in label if value != NOT_APPLICABLE] or label) for label in source.vectors
            ],
            "depends_on": sorted(
                {other for pair in application.dependencies if source.name in pair for other in pair} - {source.name}
            ),
            "splits": {split: rates[split][number] for split in rates},
        }
        for number, source in enumerate(application.sources)
    ]
    return {
        "application": application.name,
        "success": not validation.failures,
        "expectations": validation.expectations,
        "failures": [asdict(finding) for finding in validation.failures],
        "findings": [asdict(finding) for finding in validation.findings],
        "bounds": asdict(bounds),
        "rows": {split: len(matrix) for split, matrix in validation.matrices.items()},
        "sources": sources,
    }


def plain(value: Any) -> Any:
    """Return a number as JSON holds it; None for NaN."""
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    return int(value) if isinstance(value, np.integer) else value


def page(content: Mapping[str, Any]) -> str:
    """Return the summary as a self-contained HTML page."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["percent"] = lambda share: "–" if share is None else f"{100 * share:.1f}"
    template = environment.from_string(PAGE.read_text(encoding="utf-8"))
    suites: dict[str, list[Mapping[str, Any]]] = {}
    for finding in content["findings"]:
        suites.setdefault(finding["suite"], []).append(finding)
    blamed = {finding["source"] for finding in content["failures"] if finding["source"]}
    return template.render(**content, suites=suites, blamed=blamed)
