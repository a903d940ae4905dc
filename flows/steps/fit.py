"""Fit: a label model on the votes, and the probabilistic labels it gives the labeled splits."""

from __future__ import annotations

import argparse
import shutil
import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from flows.artifacts import (
    LABELED,
    ArtifactError,
    Paths,
    atomic_directory,
    read_json,
    read_tasks,
    read_votes,
    save_arrays,
    write_json,
)
from flows.cli import run
from flows.config import Config, LabelModelParams
from flows.engine import chosen_engine
from flows.known_gold import Gold, read_known_gold
from flows.unfinished import take_over, unfinished
from metal.baselines import DataProgramming, MajorityVote, SeparateTasks, WeightedMajorityVote
from metal.engine import Engine
from metal.indicators import row_blocks
from metal.label_matrix import LabelMatrix, offsets_of
from metal.label_model import LabelModel, SuspectedDependencyWarning, rectified_balance, select, uniform_balance
from metal.label_model.gathering import as_statistics
from metal.labels_file import write_partitions
from metal.npz import to_npz
from metal.partitions import hashed
from metal.statistics import Statistics
from metal.tasks import TaskGraph
from metal.votes_file import VotesFileError

Floats = npt.NDArray[np.float64]
PRECISIONS = (0.7, 0.8, 0.9)
"""What tuning tries as the precision of a vote before any data."""
TUNED = ("metal", "separate_tasks", "data_programming")
"""The methods that have something to tune."""
PART = 100_000
"""Distinct rows whose majority vote is taken at a time."""
SHRINKAGES = (0.5, 0.7, 0.9)
"""What tuning tries: from half-trusting what EM finds to hardly at all."""


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
    dev_ids, dev = read_votes(votes["dev"])
    gold = read_known_gold(gold_dev, train.tasks, dev_ids)
    if not gold.known.complete:
        print(f"fit: of dev, {gold.known.explain()}; nor do balance and tuning take more from it", file=sys.stderr)
    told = _dev_balance(train, dev, gold)
    tuning: list[dict[str, Any]] = []
    if method in TUNED and params.tune_on_dev:
        params, tuning = tune(method, train, dev, gold, told, dependencies, params, fixed)
    model = _model(method, train.tasks, dependencies, told, params)
    if isinstance(model, MajorityVote):
        description: dict[str, Any] = {"accuracies": {}, "converged": True, "messages": []}
    elif isinstance(model, DataProgramming | WeightedMajorityVote):
        description = _task_models_report(model.fit(train))
    elif isinstance(model, SeparateTasks):
        description = _separate_report(model, train)
    else:
        with warnings.catch_warnings():
            # Said below, from the report: once, and without a line of code.
            warnings.simplefilter("ignore", SuspectedDependencyWarning)
            model.fit(train)
        for message in model.report_.messages:
            print(f"fit: {message}", file=sys.stderr)
        description = {
            "accuracies": model.accuracies_,
            "class_balance": model.balance_.tolist(),
            "converged": model.report_.converged,
            "messages": list(model.report_.messages),
        }
    for path in votes.values():
        made = unfinished(scratch, path)
        if isinstance(model, LabelModel):
            model.predict_to(path, made, engine=engine)
        else:
            write_partitions(model, _state_hash(method, model), path, made, train.tasks, engine)
    with atomic_directory(out) as directory:
        for split, path in votes.items():
            take_over(scratch / path.name, directory / f"{split}.parquet")
        if isinstance(model, LabelModel):
            model.save(directory)
        elif isinstance(model, SeparateTasks):
            for task, fitted in model.models_.items():
                fitted.save(directory / task)
        elif not isinstance(model, MajorityVote):
            save_arrays(directory / "model.npz", **_task_models_arrays(model))
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


def tune(
    method: str,
    train: Any,
    dev: LabelMatrix,
    gold: Gold,
    told: Floats,
    dependencies: Sequence[tuple[str, str]],
    params: LabelModelParams,
    fixed: Collection[str] = (),
) -> tuple[LabelModelParams, list[dict[str, Any]]]:
    """Return the parameters to use, and all that was tried with its scores on the development split.

    `metal` and `data_programming` are searched alike, over the parameters they have, so that none is favoured.

    told : the class balance that dev tells

    Every candidate is fitted on `train` (see `_train_votes`); gold only ranks them, by `metal.label_model.tuning`,
    which takes the configured values where they do as well. Whether silence is evidence is not asked of the development
    split: sources are written with it in view, and keep silent there for other reasons than elsewhere. Parameters in
    `fixed` keep their values.
    """
    joint = method != "data_programming"
    balances = ("dev", "uniform", "estimate") if joint else ("dev", "uniform")  # nor does it estimate the balance
    candidates = [params] + [
        replace(params, prior_precision=precision, shrinkage=shrinkage, class_balance=source)
        for precision, shrinkage, source in product(PRECISIONS, SHRINKAGES, balances)
    ]
    kept = {name: getattr(params, name) for name in fixed}
    candidates = list(dict.fromkeys(replace(candidate, **kept) for candidate in candidates))
    probabilities = []
    for candidate in candidates:
        model = _model(method, train.tasks, dependencies, told, candidate)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SuspectedDependencyWarning)  # the chosen candidate's fit says it
            probabilities.append((model if isinstance(model, MajorityVote) else model.fit(train)).predict_proba(dev))
    scores = select([gold.known.gather(candidate) for candidate in probabilities], gold.labels)
    tried = [
        {
            "prior_precision": candidate.prior_precision,
            "shrinkage": candidate.shrinkage,
            "class_balance": candidate.class_balance,
            "dev_nll": score.nll,
            "dev_accuracy": score.accuracy,
            "close": score.close,
            "chosen": score.chosen,
        }
        for candidate, score in zip(candidates, scores, strict=True)
    ]
    return next(candidate for candidate, score in zip(candidates, scores, strict=True) if score.chosen), tried


def _model(
    method: str,
    tasks: TaskGraph,
    dependencies: Sequence[tuple[str, str]],
    told: Floats,
    params: LabelModelParams,
) -> LabelModel | SeparateTasks | DataProgramming | WeightedMajorityVote | MajorityVote:
    """Return a method's model, not fitted yet; `told` is the class balance that dev tells."""
    if method == "majority_vote":
        return MajorityVote(tasks)
    if method == "weighted_majority":
        return WeightedMajorityVote(tasks)
    balance = _balance(params.class_balance, told, tasks)
    if method == "data_programming":
        return DataProgramming(
            tasks,
            class_balance=balance,
            shrinkage=params.shrinkage,
            prior_precision=params.prior_precision,
            prior_strength=params.prior_strength,
        )
    settings: dict[str, Any] = {
        "estimator": params.estimator,
        "use_abstains": params.use_abstains,
        "shrinkage": params.shrinkage,
        "prior_precision": params.prior_precision,
        "prior_strength": params.prior_strength,
        "unipolar_correction": params.unipolar_correction,
        "parameterisation": params.parameterisation,
        "smoothing": params.smoothing,
        "max_iterations": params.max_iterations,
        "tolerance": params.tolerance,
    }
    if method == "separate_tasks":
        return SeparateTasks(tasks, dependencies, class_balance=balance, **settings)
    return LabelModel(tasks, dependencies, class_balance=balance, **settings)


def _dev_balance(train: LabelMatrix | Statistics, dev: LabelMatrix, gold: Gold) -> Floats:
    """Return the class balance (|F|,) of dev gold, mended by what majority vote makes of train and of dev.

    It is the same for every method: majority vote knows none of them.
    """
    vote = MajorityVote(train.tasks)
    statistics = as_statistics(train, train.tasks)
    expected = np.zeros(len(train.tasks.feasible))
    for part in row_blocks(len(statistics), PART):
        taken = statistics.indicators.take(np.arange(len(statistics))[part])
        codes = taken.codes(offsets_of(statistics.spaces), np.int16)
        expected += statistics.counts[part] @ vote.predict_proba(LabelMatrix(codes, statistics.spaces, train.tasks))
    known = gold.known
    guesses = known.gather(vote.predict_proba(dev))
    mean = known.gather(expected[None] / statistics.n)[0]
    return known.spread(rectified_balance(gold.labels, guesses, mean, statistics.n, known.graph))


def _balance(source: str, told: Floats, tasks: TaskGraph) -> Floats | None:
    """Return the class balance that a configuration names; None: estimated with the model."""
    if source == "dev":
        return told
    return uniform_balance(tasks) if source == "uniform" else None


def _state_hash(method: str, model: SeparateTasks | DataProgramming | WeightedMajorityVote | MajorityVote) -> str:
    """Return a hash of all that decides a fitted model's labels."""
    if isinstance(model, SeparateTasks):
        states = [fitted.state() for fitted in model.models_.values()]
        return hashed(method, *(part for arrays, said in states for part in (to_npz(arrays), said)))
    return hashed(method, to_npz({} if isinstance(model, MajorityVote) else _task_models_arrays(model)))


def _task_models_arrays(model: DataProgramming | WeightedMajorityVote) -> dict[str, npt.NDArray[Any]]:
    arrays = {f"accuracies_{task}": fitted.accuracies for task, fitted in model.models_.items()}
    return arrays | {f"balance_{task}": fitted.balance for task, fitted in model.models_.items()}


def _task_models_report(model: DataProgramming | WeightedMajorityVote) -> dict[str, Any]:
    late = [task for task, fitted in model.models_.items() if not fitted.converged]
    report = {
        "accuracies": model.accuracies_,
        "converged": not late,
        "messages": [f"the model of task {task!r} did not converge" for task in late],
    }
    return report | ({"class_balance": model.class_balance.tolist()} if isinstance(model, DataProgramming) else {})


def _separate_report(model: SeparateTasks, train: LabelMatrix) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)  # said with each task's messages
        model.fit(train)
    reports = {task: fitted.report_ for task, fitted in model.models_.items()}
    return {
        "accuracies": model.accuracies_,
        "converged": all(report.converged for report in reports.values()),
        "messages": [f"{task}: {message}" for task, report in reports.items() for message in report.messages],
    }


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
