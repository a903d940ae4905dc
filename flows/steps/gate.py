"""Gate: let an application through only if its sources determine the label model (section 4 of the paper)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from flows.artifacts import Paths, read_votes, write_json, write_text
from flows.cli import run
from flows.config import Config, GateParams, LabelModelParams
from metal.application import Application
from metal.applications import load_application
from metal.identifiability import check_identifiability
from metal.label_model import LabelModel, uniform_balance


class NotIdentifiableError(ValueError):
    """The task graph, label spaces and dependencies leave the accuracies of some sources undetermined."""


def gate(
    application: Application[Any], votes: Path, out: Path, params: GateParams, label_model: LabelModelParams
) -> None:
    """Check identifiability and write `report.json` and `report.txt` into the directory `out`.

    votes : the votes on train; label spaces and the sources that never abstain are taken from there
    label_model : whose estimator's own check of these votes is reported too, under "label_model"; it stops nothing

    Raises NotIdentifiableError, with names and remedy, where sources are not determined; the reports are written
    all the same. With `params.require` false it warns instead, and the reports say so.
    """
    _, matrix = read_votes(votes)
    report = check_identifiability(
        application.tasks,
        matrix.spaces,
        application.dependencies,
        parameterisation=params.parameterisation,
        always_votes=[name for name, coverage in zip(matrix.names, matrix.coverage(), strict=True) if coverage == 1.0],
    )
    verdict = "passed" if report.identifiable else "stopped" if params.require else "let through by gate.require=false"
    text = f"Application {application.name!r}: {verdict}.\n{report.explain()}\n"
    if not report.identifiable:
        text += f"Not determined: {', '.join(report.undetermined)}.\n"
    # A balance counted on the development split is known, though not here: which it is hardly matters to the check.
    known = label_model.class_balance != "estimate"
    own = LabelModel(
        application.tasks,
        application.dependencies,
        estimator=label_model.estimator,
        parameterisation=label_model.parameterisation,
        class_balance=uniform_balance(application.tasks) if known else None,
    ).check(matrix)
    described = f"The estimator {label_model.estimator!r} on these votes: {own.explain()}\n"
    write_json(
        out / "report.json",
        {
            **report.to_dict(),
            "application": application.name,
            "required": params.require,
            "verdict": verdict,
            "label_model": {"estimator": label_model.estimator, **own.to_dict()},
        },
    )
    write_text(out / "report.txt", text + described)
    if report.identifiable:
        return
    if params.require:
        raise NotIdentifiableError(
            f"{text}Follow a remedy in the application's sources or dependencies; gate.require=false lets it through "
            f"with a warning. The report is in {out / 'report.txt'}"
        )
    print(f"warning: {text}", end="", file=sys.stderr)


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Check the application that the arguments name."""
    paths = Paths(Path(), arguments.application)
    application = load_application(arguments.application, config.corpora[arguments.application].name)
    gate(application, paths.votes("train"), paths.gate, config.gate, config.label_model)


def main() -> None:
    """Run the step from the command line."""
    run(step, description="Check that the sources of an application determine the label model.")


if __name__ == "__main__":
    main()
