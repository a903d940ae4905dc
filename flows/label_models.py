"""Label models as configured: each method's model, the class balance that dev tells, and tuning on dev."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from flows.config import LabelModelParams
from flows.known_gold import Gold
from metal.baselines import DataProgramming, MajorityVote, SeparateTasks
from metal.indicators import row_blocks
from metal.label_matrix import LabelMatrix, offsets_of
from metal.label_model import (
    LabelModel,
    OneSidedVotesWarning,
    SuspectedDependencyWarning,
    rectified_balance,
    select,
    uniform_balance,
)
from metal.label_model.gathering import as_statistics
from metal.statistics import Statistics
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]
BALANCED = ("metal", "separate_tasks", "data_programming")
"""The methods that take a class balance, and have something to tune."""
PRECISIONS = (0.7, 0.8, 0.9)
"""What tuning tries as the precision of a vote before any data."""
SHRINKAGES = (0.5, 0.7, 0.9)
"""What tuning tries: from half-trusting what EM finds to hardly at all."""
PART = 100_000
"""Distinct rows whose majority vote is taken at a time."""


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

    Every candidate is fitted on `train`, in the form that the method takes; gold only ranks them, by
    `metal.label_model.tuning`, which takes the configured values where they do as well. Whether silence is evidence
    is not asked of the development split: sources are written with it in view, and keep silent there for other
    reasons than elsewhere. Parameters in `fixed` keep their values.
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
        model = balanced_model(method, train.tasks, dependencies, told, candidate)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OneSidedVotesWarning)
            warnings.simplefilter("ignore", SuspectedDependencyWarning)  # the chosen candidate's fit says it
            probabilities.append(model.fit(train).predict_proba(dev))
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


def balanced_model(
    method: str,
    tasks: TaskGraph,
    dependencies: Sequence[tuple[str, str]],
    told: Floats,
    params: LabelModelParams,
) -> LabelModel | SeparateTasks | DataProgramming:
    """Return the model of one of `BALANCED`, not fitted yet; `told` is the class balance that dev tells."""
    balance = _balance(params.class_balance, told, tasks)
    if method == "data_programming":
        return DataProgramming(
            tasks,
            class_balance=balance,
            shrinkage=params.shrinkage,
            prior_precision=params.prior_precision,
            prior_strength=params.prior_strength,
        )
    if method == "separate_tasks":
        return SeparateTasks(tasks, dependencies, class_balance=balance, **params.settings)
    return LabelModel(tasks, dependencies, class_balance=balance, **params.settings)


def dev_balance(train: LabelMatrix | Statistics, dev: LabelMatrix, gold: Gold) -> Floats:
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
