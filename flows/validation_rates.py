"""What is expected of each source's rates: coverage, abstains, polarity, overlap, conflict, drift."""

from __future__ import annotations

from collections.abc import Mapping

from flows.config import ValidationParams
from flows.validation_suites import Expected, Severity, Suite
from flows.validation_tables import source_table
from metal.label_matrix import LabelMatrix


def source_suites(matrices: Mapping[str, LabelMatrix], bounds: ValidationParams) -> list[Suite]:
    """Return a suite a split on the per-source rates; bounds hold on train, drift is measured from it.

    Development and test splits are small: a rare source may well stay silent there by chance, so the
    bounds on rates and polarity hold on train alone.
    """
    train = matrices["train"]
    suites = [Suite("sources_train", source_table(train), ("source",), rate_expectations(bounds))]
    for split, matrix in matrices.items():
        if split != "train":
            drift = rate(
                "abstain_drift",
                f"abstain rate on {split}, distance from train",
                None,
                bounds.max_abstain_drift,
                "draw the splits alike, look for what the source reads that differs, or raise "
                "validation.max_abstain_drift",
                "warning",
            )
            suites.append(Suite(f"sources_{split}", source_table(matrix, train), ("source",), (drift, constant())))
    return suites


def rate_expectations(bounds: ValidationParams) -> tuple[Expected, ...]:
    """Return the bounds on each source's rates on train."""
    return (
        Expected(
            "ExpectColumnValuesToBeBetween",
            "every source",
            "coverage: share of rows it votes on (0: a dead source)",
            f"at least {bounds.min_coverage:g}" if bounds.min_coverage else "above 0",
            "widen or remove the source, or lower validation.min_coverage",
            "each",
            {"column": "coverage", "min_value": bounds.min_coverage, "strict_min": bounds.min_coverage == 0.0},
        ),
        constant(),
        rate(
            "abstain_rate",
            "abstain rate: share of rows it abstains on",
            bounds.min_abstain_rate,
            1.0,
            "narrow the source, or lower validation.min_abstain_rate",
            "warning",
        ),
        rate(
            "polarity",
            "polarity: share of its declared labels that it emits",
            bounds.min_polarity,
            1.0,
            "declare only labels that the source can emit, or lower validation.min_polarity",
        ),
        rate(
            "overlap_of_votes",
            "overlap: share of its votes beside another source's",
            bounds.min_overlap,
            1.0,
            "a source that votes alone cannot be weighed: add sources beside it, or lower validation.min_overlap",
            "warning",
        ),
        rate(
            "conflict_of_votes",
            "conflict: share of its votes that contradict another's",
            None,
            bounds.max_conflict,
            "see which sources it contradicts and mend it, or raise validation.max_conflict",
            "warning",
        ),
    )


def rate(
    column: str, statement: str, least: float | None, most: float, remedy: str, severity: Severity = "critical"
) -> Expected:
    """Return bounds on a column of the source table."""
    bound = f"at most {most:g}" if least is None else f"at least {least:g}"
    arguments = {"column": column, "min_value": least, "max_value": most}
    return Expected(
        "ExpectColumnValuesToBeBetween", "every source", statement, bound, remedy, "each", arguments, severity=severity
    )


def constant() -> Expected:
    """Return that no source votes the same on all rows."""
    return Expected(
        "ExpectColumnValuesToBeBetween",
        "every source",
        "share of rows with its commonest vote (1: a constant source)",
        "below 1",
        "a source that votes the same everywhere tells nothing: let it abstain, or remove it",
        "each",
        {"column": "commonest_vote", "max_value": 1.0, "strict_max": True},
    )
