"""A scorer as a folder: `scorer.json` says what it is, the files beside it hold the weights."""

from __future__ import annotations

import json
from pathlib import Path

from metal.applications import load_application
from metal.serving.documents import DESCRIPTION, FORMAT, VERSION, Scorer, ScorerError


def load_scorer(folder: Path) -> Scorer:
    """Read a scorer from the folder that its `save` wrote. Raises ScorerError for anything else."""
    path = folder / DESCRIPTION
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = content["format"] == FORMAT and content["version"] == VERSION
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScorerError(f"{path} cannot be read: {error}. Register the model again") from error
    if not known:
        raise ScorerError(f"{path} is not of format {FORMAT}, version {VERSION}; load it with the code it came with")
    application = load_application(content["application"], content["corpus"])
    kind, columns, settings = content["kind"], content["columns"], content["settings"]
    # torch is imported for networks alone.
    if kind == "label":
        from metal.serving.label import LabelScorer

        return LabelScorer.load(folder, application, columns, settings)
    from metal.serving.end import EndScorer

    return EndScorer.load(folder, application, columns, settings)
