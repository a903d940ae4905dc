"""Reading the radiology reports: the texts for sources and features, and gold apart from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from metal.application import Corpus
from metal.applications.report.triage import TRIAGE
from metal.corpora.openi import SECTIONS, read_archive
from metal.corpora.openi_severity import UnknownHeadingError, triage_label

COLUMNS = ("id", *SECTIONS)
"""What sources and features may read."""


def read(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read an OpenI archive; of its configuration section only `on_error` ("raise" or "skip") matters here.

    All reports that can be read are kept, also those without text. A report that the indexers gave no gradable
    heading has no gold. With on_error "skip" neither has one with a heading that the severity table does not
    know, and `counts` says how many; with "raise" that is an error.

    Raises CorpusError (see `metal.corpora.openi.read_archive`).
    """
    collection = read_archive(path, on_error=section["on_error"])
    vectors = dict(zip(TRIAGE.vector_names, TRIAGE.feasible, strict=True))
    gold, unknown = [], 0
    for uid, headings in collection.major.items():
        try:
            label = triage_label(headings)
        except UnknownHeadingError as error:
            if section["on_error"] == "raise":
                raise UnknownHeadingError(
                    f"report {uid}: {error}, or set corpus.on_error=skip to leave such reports without gold"
                ) from error
            unknown += 1
            continue
        if label is not None:
            gold.append((uid, *vectors[label]))
    examples = [(report.uid, *(getattr(report, name) for name in SECTIONS)) for report in collection.reports]
    counts = {"read": len(examples), "ungraded": len(examples) - len(gold), "unknown_heading": unknown}
    counts.update({f"skipped_{kind}": number for kind, number in collection.skipped.items()})
    return Corpus(
        examples=pd.DataFrame(examples, columns=list(COLUMNS)),
        gold=pd.DataFrame(gold, columns=["id", *TRIAGE.names]),
        counts=counts,
    )
