"""What each kind of label model is to the pipeline: what it found, the labels it gives, and its files."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy.typing as npt

from flows.artifacts import save_arrays
from metal.baselines import DataProgramming, MajorityVote, SeparateTasks, WeightedMajorityVote
from metal.engine import Engine
from metal.label_model import LabelModel, OneSidedVotesWarning, SuspectedDependencyWarning
from metal.labels_file import write_partitions
from metal.npz import to_npz
from metal.partitions import hashed

TaskModels = DataProgramming | WeightedMajorityVote
"""Those of one accuracy a source and task."""
Model = LabelModel | SeparateTasks | TaskModels | MajorityVote


def fitted(model: Model, train: Any) -> dict[str, Any]:
    """Fit a model and say what it found: its sources' accuracies, the class balance, convergence, messages.

    train : votes, or their statistics, in the form that the model takes
    """
    if isinstance(model, MajorityVote):
        return {"accuracies": {}, "converged": True, "messages": []}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OneSidedVotesWarning)
        warnings.simplefilter("ignore", SuspectedDependencyWarning)  # among the messages, without a line of code
        model.fit(train)
    found: dict[str, Any] = {"accuracies": model.accuracies_}
    if isinstance(model, LabelModel):
        report = model.report_
        found["class_balance"] = model.balance_.tolist()
        return found | {"converged": report.converged, "messages": list(report.messages)}
    if isinstance(model, SeparateTasks):
        reports = {task: one.report_ for task, one in model.models_.items()}
        messages = [f"{task}: {message}" for task, report in reports.items() for message in report.messages]
        return found | {"converged": all(report.converged for report in reports.values()), "messages": messages}
    if isinstance(model, DataProgramming):
        found["class_balance"] = model.class_balance.tolist()
    late = [task for task, one in model.models_.items() if not one.converged]
    return found | {
        "converged": not late,
        "messages": [f"the model of task {task!r} did not converge" for task in late],
    }


def label(model: Model, votes: Path, out: Path, engine: Engine) -> None:
    """Label every partition of a fitted model's votes, unless it was."""
    if isinstance(model, LabelModel):
        model.predict_to(votes, out, engine=engine)
    else:
        write_partitions(model, _hashed(model), votes, out, model.tasks, engine)


def save(model: Model, directory: Path) -> None:
    """Write a fitted model: `LabelModel.save`'s files, in a folder of each task's for tasks apart; or model.npz."""
    if isinstance(model, LabelModel):
        model.save(directory)
    elif isinstance(model, SeparateTasks):
        for task, one in model.models_.items():
            one.save(directory / task)
    elif not isinstance(model, MajorityVote):
        save_arrays(directory / "model.npz", **_arrays(model))


def _hashed(model: SeparateTasks | TaskModels | MajorityVote) -> str:
    """Return a hash of all that decides a fitted model's labels."""
    name = type(model).__name__
    if isinstance(model, SeparateTasks):
        states = [one.state() for one in model.models_.values()]
        return hashed(name, *(part for arrays, said in states for part in (to_npz(arrays), said)))
    return hashed(name, to_npz({} if isinstance(model, MajorityVote) else _arrays(model)))


def _arrays(model: TaskModels) -> dict[str, npt.NDArray[Any]]:
    arrays = {f"accuracies_{task}": one.accuracies for task, one in model.models_.items()}
    return arrays | {f"balance_{task}": one.balance for task, one in model.models_.items()}
