"""Gate: settle on the dependencies, and let through only sources that then determine the label model (section 4)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.artifacts import Paths, read_votes, write_json, write_text
from flows.cli import run
from flows.config import Config, GateParams, LabelModelParams
from metal.application import Application
from metal.applications import load_application
from metal.identifiability import check_identifiability
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel, StructureSuggestion, suggest_structure, uniform_balance

Edge = tuple[str, str]


class NotIdentifiableError(ValueError):
    """The task graph, label spaces and dependencies leave the accuracies of some sources undetermined."""


def gate(
    application: Application[Any], votes: Path, out: Path, params: GateParams, label_model: LabelModelParams
) -> None:
    """Check identifiability and write `report.json`, `report.txt` and `structure.json` into the directory `out`.

    votes : the votes on train; label spaces, the sources that never abstain and the evidence for dependencies are
        taken from there
    params : `dependencies` says which are used: those that are checked here, and that the label model is fitted with.
        report.json holds them; structure.json holds what was suggested, with its evidence, whether used or not
    label_model : whose estimator's own check of these votes is reported too, under "label_model"; it stops nothing

    Raises ValueError where suggested ones are to be used and there is no suggestion, and NotIdentifiableError, with
    names and remedy, where sources are not determined; the reports are written all the same. With `params.require`
    false it warns instead, and the reports say so.
    """
    _, matrix = read_votes(votes)
    suggestion, trouble = suggested(matrix, params)
    adopted = {"declared": application.dependencies, "none": (), "suggested": suggestion.dependencies}
    used = tuple(adopted[params.dependencies])
    report = check_identifiability(
        application.tasks,
        matrix.spaces,
        used,
        parameterisation=params.parameterisation,
        always_votes=[name for name, coverage in zip(matrix.names, matrix.coverage(), strict=True) if coverage == 1.0],
    )
    verdict = "passed" if report.identifiable else "stopped" if params.require else "let through by gate.require=false"
    text = f"Application {application.name!r}: {verdict}.\n{report.explain()}\n"
    if not report.identifiable:
        text += f"Not determined: {', '.join(report.undetermined)}.\n"
    if params.dependencies != "declared":
        text += f"Dependencies: {params.dependencies} (gate.dependencies), {len(used)} in all.\n"
    # A balance counted on the development split is known, though not here: which it is hardly matters to the check.
    known = label_model.class_balance != "estimate"
    own = LabelModel(
        application.tasks,
        used,
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
            "dependencies": used,
            "label_model": {"estimator": label_model.estimator, **own.to_dict()},
        },
    )
    write_json(
        out / "structure.json",
        {
            "used": params.dependencies,
            "suggested_by": params.suggested_by,
            "said": trouble or suggestion.explain(),
            "pairs": evidence(suggestion, application.dependencies, used),
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


def suggested(votes: LabelMatrix, params: GateParams) -> tuple[StructureSuggestion, str]:
    """Return the dependencies that the votes suggest; if they allow no suggestion, an empty one, and why.

    Raises ValueError in that case where suggested dependencies are to be used.
    """
    try:
        return suggest_structure(votes, method=params.suggested_by), ""
    except ValueError as error:
        if params.dependencies == "suggested":
            raise ValueError(
                f"gate.dependencies=suggested, but {params.suggested_by} suggests none: {error}. Mend the sources, "
                "choose another gate.suggested_by, or gate.dependencies=declared"
            ) from error
        empty = StructureSuggestion(params.suggested_by, len(votes), (), len(votes.names), len(votes.names))
        return empty, f"No suggestion by {params.suggested_by}: {error}."


def evidence(suggestion: StructureSuggestion, declared: Sequence[Edge], used: Sequence[Edge]) -> list[dict[str, Any]]:
    """Return every pair that is suggested or declared, the strongest first, with its evidence (0 for none)."""
    found = {frozenset((edge.first, edge.second)): edge for edge in suggestion.edges}
    rows: dict[frozenset[str], dict[str, Any]] = {}
    for first, second in (*suggestion.dependencies, *declared):
        edge = found.get(frozenset((first, second)))
        rows.setdefault(
            frozenset((first, second)),
            {
                "first": first,
                "second": second,
                "strength": edge.strength if edge else 0.0,
                "z": edge.z if edge else 0.0,
                "suggested": edge is not None and edge.suggested,
                "declared": {first, second} in map(set, declared),
                "used": {first, second} in map(set, used),
            },
        )
    return sorted(rows.values(), key=lambda row: -row["strength"])


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
