"""The bounds on vote rates as a Great Expectations suite, derived from the training snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.validation import run_suites
from flows.validation_suites import Expected, Suite
from metal.drift import RateDrift

REMEDY = "look at what the source reads in the new data; mend it, or train on newer data"


@dataclass(frozen=True)
class Checked:
    """How many expectations there were, and which rates, as (source, rate), failed theirs."""

    expectations: int
    failures: tuple[tuple[str, str], ...]


def check_bounds(rates: Sequence[RateDrift], docs: Path) -> Checked:
    """Hold every rate to its bounds and write Great Expectations' Data Docs; a rate of nothing is not held to any."""
    frame = pd.DataFrame({_column(drift): [drift.new] for drift in rates}).assign(data="new")
    suite = Suite("drift_new", frame, ("data",), tuple(map(_expected, rates)))
    results = run_suites([suite], docs)[0]
    failed = [(d.source, d.rate) for d, result in zip(rates, results, strict=True) if not result.success]
    return Checked(len(results), tuple(failed))


def _column(drift: RateDrift) -> str:
    return f"{drift.source}: {drift.rate}"


def _expected(drift: RateDrift) -> Expected:
    low, high = (drift.low, drift.high) if np.isfinite(drift.new) else (0.0, 1.0)
    return Expected(
        "ExpectColumnValuesToBeBetween",
        f"source {drift.source!r}",
        f"{drift.rate} on new data",
        f"{low:.4g} to {high:.4g}",
        REMEDY,
        "values",
        {"column": _column(drift), "min_value": low, "max_value": high},
        severity="warning",
    )
