"""Summarize: results of all applications as one table, the comparison, plots for DVC and the report page."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from flows import artifacts, cli, comparison
from flows.artifacts import RESULTS, Paths
from flows.config import PARAMS, Config
from flows.report_page import Findings, render
from flows.show import show
from metal.tasks import TaskGraph

TABLES = ("trials", "intervals", "differences", "confusion", "reliability", "curves", "sources", "conflicts")


def summarize(root: Path, applications: Sequence[str], configuration: str) -> None:
    """Write results.csv, table1.json, table1.md, plots and report.html from what `evaluate` left.

    `configuration` is params.yaml as text, shown in the report. Raises ArtifactError where an application's results,
    gate or validation are missing.
    """
    findings = [read_findings(Paths(root, name)) for name in applications]
    results = pd.concat([found.trials for found in findings], ignore_index=True)
    compared = comparison.compare(results)
    measured = comparison.measured_on(results.to_dict("records"))
    page = render(findings, compared, configuration)

    out = root / RESULTS
    artifacts.write_text(out / "results.csv", results.to_csv(index=False, lineterminator="\n"))
    artifacts.write_json(out / "table1.json", comparison.to_json(compared))
    artifacts.write_text(out / "table1.md", comparison.markdown(compared, measured))
    for name, lines in {"learning_curves": learning_curves(findings), "reliability": reliability(findings)}.items():
        # "nan", as DVC hands on what it reads as text, and Vega draws an empty text as 0.
        artifacts.write_text(
            out / "plots" / f"{name}.csv", lines.to_csv(index=False, lineterminator="\n", na_rep="nan")
        )
    artifacts.write_text(out / "report.html", page)


def read_findings(paths: Paths) -> Findings:
    """Read everything that the report tells of one application. Raises ArtifactError for a missing file."""
    tables = {name: pd.read_csv(artifacts.existing(paths.evaluation / f"{name}.csv")) for name in TABLES}
    graph = artifacts.read_json(paths.evaluation / "graph.json")
    structure = artifacts.read_json(paths.gate / "structure.json")
    graph["dependencies"] = [[pair["first"], pair["second"]] for pair in structure["pairs"] if pair["used"]]
    return Findings(
        application=paths.application,
        tasks=TaskGraph.from_dict(graph),
        **tables,
        label_models=artifacts.read_json(paths.evaluation / "label_models.json"),
        graph=graph,
        inputs=artifacts.read_json(paths.evaluation / "inputs.json"),
        gate=artifacts.existing(paths.gate / "report.txt").read_text(encoding="utf-8"),
        structure=structure,
        validation=artifacts.read_json(paths.validation / "summary.json"),
    )


def learning_curves(findings: Sequence[Findings]) -> pd.DataFrame:
    """Return the mean training loss by `epoch` and `run` (TITLE-SUPERVISION), as `dvc plots` draws lines."""
    tables = []
    for found in findings:
        for name, rows in found.curves.groupby("supervision", sort=False):
            loss = rows.groupby("epoch")["train_loss"].mean().rename("loss").reset_index()
            tables.append(loss.assign(run=f"{found.measured.title}-{name}"))
    return pd.concat(tables)


def reliability(findings: Sequence[Findings]) -> pd.DataFrame:
    """Return end models' `accuracy` by `confidence` (the middle of a bin) and `run` (TITLE-SUPERVISION)."""
    tables = []
    for found in findings:
        rows = found.reliability[found.reliability["model"] == "end"]
        middle = ((rows["lower"] + rows["upper"]) / 2).round(6)
        run = found.measured.title + "-" + rows["supervision"]
        tables.append(pd.DataFrame({"confidence": middle, "accuracy": rows["accuracy"], "run": run}))
    return pd.concat(tables)


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Summarize all applications of the configuration."""
    summarize(Path(), config.applications, PARAMS.read_text(encoding="utf-8"))
    if cli.ERROR_FILE not in os.environ:  # else whoever runs the stages shows the results in the end
        print(show(Path()))


def main() -> None:
    """Run this step from the command line."""
    cli.run(step, application=False, description="Write results.csv, table1, plots and the report of all applications.")


if __name__ == "__main__":
    main()
