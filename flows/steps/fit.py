"""Fit: a label model on the votes, and the probabilistic labels it gives the labeled splits."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.artifacts import (
    LABELED,
    ArtifactError,
    Paths,
    atomic_directory,
    read_json,
    read_tasks,
    read_votes,
    write_json,
)
from flows.cli import run
from flows.config import Config, LabelModelParams
from flows.engine import chosen_engine
from flows.fitted_models import Model, fitted, label, save
from flows.known_gold import read_known_gold
from flows.label_models import BALANCED, balanced_model, dev_balance, tune
from flows.unfinished import take_over, unfinished
from metal.baselines import MajorityVote, WeightedMajorityVote
from metal.engine import Engine
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel
from metal.label_model.gathering import as_statistics
from metal.statistics import Statistics
from metal.votes_file import VotesFileError


class NotReadyError(ValueError):
    """An earlier stage found something that must be mended before a label model is fitted."""


def fit(
    method: str,
    votes: Mapping[str, Path],
    gold_dev: Path,
    gate: Path,
    validation: Path,
    out: Path,
    params: LabelModelParams,
    *,
    scratch: Path,
    engine: Engine,
    fixed: Collection[str] = (),
    ignore_dependencies: bool = False,
) -> None:
    """Fit a label model on the train votes and write the labels it gives each split.

    The joint model is fitted on statistics that are gathered by partition; the others take the train votes as a whole.

    votes : the votes of each split, "train" and "dev" among them; a file, or a folder of partitions
    gold_dev : gold labels of the development split, for the class balance and for tuning; of tasks that they do not
        tell the balance is even, and tuning does not score them
    gate, validation : the JSON reports of these stages; a failed one stops here. The gate's names the dependencies
    out : directory for SPLIT.parquet, model.json (what was fitted and tried), and the model itself: of "metal" as
        `LabelModel.save` writes it, of a model of every task by itself as model.npz
    scratch : directory of finished partitions, with which an interrupted run goes on; removed at the end
    engine : where partitions are read and labeled
    fixed : the parameters that tuning leaves as they are
    ignore_dependencies : fit as if every source were independent given Y

    Raises NotReadyError if validation failed or the gate stopped the application.
    """
    dependencies = _checked_dependencies(gate, validation)
    if ignore_dependencies:
        dependencies = []
    train = _train_votes(method, votes["train"], engine)
    model, tuning = _configured(method, train, votes["dev"], gold_dev, dependencies, params, fixed)
    description = fitted(model, train)
    for message in description["messages"]:
        print(f"fit: {message}", file=sys.stderr)
    for path in votes.values():
        label(model, path, unfinished(scratch, path), engine)
    with atomic_directory(out) as directory:
        for split, path in votes.items():
            take_over(scratch / path.name, directory / f"{split}.parquet")
        save(model, directory)
        found = {
            "estimator": params.estimator if isinstance(model, LabelModel) else method,
            "method": method,
            "tuning": tuning,
            "sources": _sources(train, description["accuracies"]),
        }
        write_json(directory / "model.json", description | found)
    shutil.rmtree(scratch)


def _train_votes(method: str, path: Path, engine: Engine) -> Any:
    """Return what a method is fitted on: of "metal" the statistics of the votes, of the others their label matrix."""
    if method != "metal":
        return read_votes(path)[1]
    try:
        return as_statistics(path, read_tasks(path), engine=engine)
    except VotesFileError as error:
        raise ArtifactError(f"{error}; run label again: dvc repro -f label") from error


def _configured(
    method: str,
    train: Any,
    dev_votes: Path,
    gold_dev: Path,
    dependencies: Sequence[tuple[str, str]],
    params: LabelModelParams,
    fixed: Collection[str],
) -> tuple[Model, list[dict[str, Any]]]:
    """Return a method's model, not fitted yet, and what was tried to choose its parameters on dev."""
    if method not in BALANCED:
        return (MajorityVote if method == "majority_vote" else WeightedMajorityVote)(train.tasks), []
    dev_ids, dev = read_votes(dev_votes)
    gold = read_known_gold(gold_dev, train.tasks, dev_ids)
    if not gold.known.complete:
        print(f"fit: of dev, {gold.known.explain()}; nor do balance and tuning take more from it", file=sys.stderr)
    told = dev_balance(train, dev, gold)
    tuning: list[dict[str, Any]] = []
    if params.tune_on_dev:
        params, tuning = tune(method, train, dev, gold, told, dependencies, params, fixed)
    return balanced_model(method, train.tasks, dependencies, told, params), tuning


def _sources(votes: LabelMatrix | Statistics, accuracies: Mapping[str, float]) -> list[dict[str, Any]]:
    """Describe each source: estimated P(vote correct | voted), where the method estimates it, coverage and labels."""
    statistics = as_statistics(votes, votes.tasks)
    return [
        {
            "name": space.name,
            "accuracy": accuracies.get(space.name),
            "coverage": float(total[1:].sum() / statistics.n),
            "tasks": list(space.tasks),
            "labels": [list(label) for label in space.labels],
        }
        for space, total in zip(statistics.spaces, statistics.totals, strict=True)
    ]


def _checked_dependencies(gate: Path, validation: Path) -> list[tuple[str, str]]:
    """Return the dependencies that the gate checked.

    Raises NotReadyError unless validation succeeded and the gate let the application through.
    """
    if not read_json(validation)["success"]:
        raise NotReadyError(f"validation failed; see {validation}. Mend what it names, then run dvc repro")
    report = read_json(gate)
    if not report["identifiable"] and report["required"]:
        names = ", ".join(report["undetermined"])
        raise NotReadyError(f"the gate found the accuracies of {names} not determined; see {gate}")
    return [(first, second) for first, second in report["dependencies"]]


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Fit the method that the arguments name on the votes of their application."""
    paths = Paths(Path(), arguments.application)
    with chosen_engine(config.engine) as engine:
        fit(
            arguments.method,
            {split: paths.votes(split) for split in LABELED},
            paths.gold("dev"),
            paths.gate / "report.json",
            paths.validation / "summary.json",
            paths.labels(arguments.method),
            config.label_model,
            scratch=paths.scratch(f"labels_{arguments.method}"),
            engine=engine,
        )


def main() -> None:
    """Run the step from the command line."""
    run(step, method=True, description="Fit a label model and write the probabilistic labels of train, dev and test.")


if __name__ == "__main__":
    main()
