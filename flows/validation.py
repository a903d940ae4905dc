"""Great Expectations over a corpus, its votes and its sources; the suites are derived, never hand-written.

Great Expectations is imported where it runs (3 s), with its analytics off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flows.artifacts import ArtifactError, read_metadata, read_table
from flows.config import ValidationParams
from flows.data_docs import without_network
from flows.validation_rates import source_suites
from flows.validation_suites import Expected, Severity, Suite, corpus_suites, votes_suites
from flows.validation_tables import VotesFile
from metal.application import Application
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import TaskGraph

LISTED = 1000
"""How many offending rows Great Expectations lists; messages show the first few."""


@dataclass(frozen=True)
class Finding:
    """What came of one expectation; one that rows violate gives a finding for each offending source.

    source : the source it blames, if it is about one
    subject : what it is about, with the split
    type : the Great Expectations name
    """

    suite: str
    source: str | None
    subject: str
    type: str
    statement: str
    observed: str
    bound: str
    remedy: str
    severity: Severity
    success: bool

    def message(self) -> str:
        """Return the violation in a line: who, what was expected, what was seen, the bound, the remedy."""
        return (
            f"[{self.severity}] {self.subject}: {self.statement} ({self.type}): "
            f"observed {self.observed}, expected {self.bound}. Remedy: {self.remedy}"
        )


@dataclass(frozen=True)
class Validation:
    """The outcome: all findings, how many expectations were checked, the label matrices as they were read."""

    findings: tuple[Finding, ...]
    expectations: int
    matrices: Mapping[str, LabelMatrix]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What failed, critical before warnings, then in the order of the suites."""
        return tuple(sorted((f for f in self.findings if not f.success), key=lambda f: f.severity != "critical"))


def read_votes_file(path: Path) -> VotesFile:
    """Read votes as they are written, codes unchecked. Raises ArtifactError where the metadata is not ours."""
    metadata = read_metadata(path)
    try:
        tasks = TaskGraph.from_dict(metadata["task_graph"])
        spaces = tuple(LabelSpace.from_dict(space, tasks) for space in metadata["spaces"])
    except KeyError as error:
        raise ArtifactError(f"{path}: its metadata has no {error}; run the label step again") from error
    return VotesFile(read_table(path), spaces, tasks)


def validate(
    application: Application[Any],
    texts: Mapping[str, pd.DataFrame],
    votes: Mapping[str, VotesFile],
    sizes: Mapping[str, int],
    bounds: ValidationParams,
    docs: Path,
) -> Validation:
    """Check corpus, votes and sources and write Data Docs.

    Parameters
    ----------
    texts : the examples of each split
    votes : the votes of each labeled split, among them train
    sizes : configured numbers of rows, for the splits that have one
    docs : directory that receives Great Expectations' Data Docs

    Raises ArtifactError if a split's votes belong to another task graph.
    """
    for split, frame in texts.items():
        if "id" not in frame:
            raise ArtifactError(f"split {split!r} has no column 'id', only {list(frame.columns)}; run ingest again")
    for split, file in votes.items():
        if file.tasks != application.tasks:
            raise ArtifactError(
                f"votes on split {split!r} were written for the task graph {file.tasks.feasible}, not for "
                f"{application.tasks.feasible} of application {application.name!r}; run the label step again"
            )
    on_votes, matrices = votes_suites(application, votes, texts, bounds)
    suites = [*corpus_suites(application, texts, sizes, bounds), *on_votes, *source_suites(matrices, bounds)]
    findings = [
        finding
        for suite, results in zip(suites, run_suites(suites, docs), strict=True)
        for expected, result in zip(suite.expected, results, strict=True)
        for finding in told(suite, expected, result)
    ]
    return Validation(tuple(findings), sum(len(suite.expected) for suite in suites), matrices)


def run_suites(suites: Sequence[Suite], docs: Path) -> list[list[Any]]:
    """Run suites, write Data Docs; return the results of each, in the order of its plan.

    Raises RuntimeError where Great Expectations could not evaluate an expectation.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for default in list(context.variables.data_docs_sites or {}):
        context.delete_data_docs_site(default)
    site: Any = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs.resolve())},
    }
    context.add_data_docs_site("docs", site)
    source = context.data_sources.add_pandas("tables")
    all_results = []
    for suite in suites:
        expectations = [
            getattr(gxe, expected.kind)(
                **expected.arguments,
                severity=expected.severity,
                # a number of its own: the results come back in another order
                meta={"number": number, "about": expected.subject, "bound": expected.bound},
            )
            for number, expected in enumerate(suite.expected)
        ]
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.name,
                data=source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("all"),
                suite=context.suites.add(gx.ExpectationSuite(suite.name, expectations=expectations)),
            )
        )
        validated = definition.run(
            batch_parameters={"dataframe": suite.frame},
            result_format={
                "result_format": "SUMMARY",
                "unexpected_index_column_names": list(suite.index),
                "partial_unexpected_count": LISTED,
            },
        )
        results: list[Any] = list(validated.results)
        results.sort(key=lambda result: result.expectation_config.meta["number"])
        for expected, result in zip(suite.expected, results, strict=True):
            refuse_exception(expected, result.exception_info)
        all_results.append(results)
    context.build_data_docs(site_names=["docs"])  # once: a checkpoint would render the site again for every suite
    without_network(docs, list(zip([suite.name for suite in suites], all_results, strict=True)))
    return all_results


def refuse_exception(expected: Expected, info: Mapping[str, Any]) -> None:
    """Raise RuntimeError where the result of an expectation is an exception inside Great Expectations."""
    # one exception's description, or several by the metric that they come from
    for exception in [info] if "raised_exception" in info else info.values():
        if exception["raised_exception"]:
            raise RuntimeError(
                f"{expected.subject}: {expected.statement} could not be evaluated: {exception['exception_message']}"
            )


def told(suite: Suite, expected: Expected, result: Any) -> list[Finding]:
    """Put the result of one expectation into words."""
    success = bool(result.success)
    listed = list(result.result.get("partial_unexpected_index_list") or [])

    def finding(subject: str, observed: str, source: str | None) -> Finding:
        return Finding(
            suite.name,
            source,
            subject,
            result.expectation_config.type,
            expected.statement,
            observed,
            expected.bound,
            expected.remedy,
            expected.severity,
            success,
        )

    column = expected.arguments.get("column")
    if expected.reading == "each":
        split = suite.name.split("_", 1)[1]
        if success:
            return [finding(f"{expected.subject} on split {split!r}", spread(suite.frame[column]), None)]
        return [
            finding(
                f"{', '.join(f'{name} {row[name]!r}' for name in suite.index)} on split {split!r}",
                number(row[column]),
                str(row["source"]),
            )
            for row in listed
        ]
    if expected.reading == "table":
        value = result.result["observed_value"]
        observed = ", ".join(each for each in value if each[0] != "(") if isinstance(value, list) else str(value)
    elif expected.reading == "share":
        count, total = result.result["unexpected_count"], result.result["element_count"]
        observed = f"{count / max(total, 1):.2%} of rows ({count:,} of {total:,})"
    else:
        columns = [column] if column else [expected.arguments["column_A"], expected.arguments["column_B"]]
        observed = offending(listed, columns, suite.index[0], result.result["unexpected_count"])
    source = expected.subject.split("'")[1] if expected.subject.startswith("source ") else None
    return [finding(expected.subject, observed, source)]


def offending(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], index: str, count: int) -> str:
    """Tell offending values and where they stand: "9 at id 17, 23, ... (5 rows)"; at most 5 values."""
    if not count:
        return "none"
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(" against ".join(repr(bare(row[column])) for column in columns), []).append(str(row[index]))
    shown = [
        f"{value} at {index} {', '.join(where[:3])}{', ...' if len(where) > 3 else ''}"
        for value, where in list(places.items())[:5]
    ]
    more = ["..."] if len(places) > 5 else []
    return f"{'; '.join([*shown, *more])} ({count} rows)"


def bare(value: Any) -> Any:
    """Return a numpy scalar as the Python value that a person would write."""
    return value.item() if isinstance(value, np.generic) else value


def number(value: Any) -> str:
    """Tell a number with four digits, anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)


def spread(values: pd.Series[Any]) -> str:
    """Tell the range of a column of numbers, or its distinct values."""
    present = values.dropna()
    if present.empty:
        return "no rows"
    if values.dtype.kind in "if":
        return f"{number(present.min())} to {number(present.max())}"
    return ", ".join(sorted({str(value) for value in present}))[:120]
