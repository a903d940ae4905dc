"""Choosing settings on a development set: a hundred gold labels rank fits that never saw them.

Likelihood alone cannot tell many candidates apart with so few labels, and accuracy alone would let overconfident ones
win. So of the candidates whose negative log-likelihood is within one standard error (of the paired difference) of the
lowest, the most accurate is taken; of equally accurate ones the likeliest; and the first of equals. The error bar is
what keeps the choice from following noise: where nothing stands out, accuracy decides among what likelihood allows.

Source: the one-standard-error rule of Breiman et al., "Classification and Regression Trees", 1984, section 3.4.3.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.label_model.class_balance import counted_balance
from metal.label_model.emissions import Floats
from metal.label_model.gathering import Source, as_sample, as_statistics
from metal.label_model.intake import Votes, as_gold, as_votes
from metal.label_model.model import LabelModel
from metal.label_model.report import NotConvergedWarning, OneSidedVotesWarning
from metal.label_model.residuals import SuspectedDependencyWarning

SHRINKAGES = (0.5, 0.7, 0.9)
"""What tuning tries: from half-trusting what EM finds to hardly at all."""
PRECISIONS = (0.7, 0.8)
"""What tuning tries as the precision of a vote before any data."""


@dataclass(frozen=True)
class Score:
    """How one candidate did on the development set.

    nll, accuracy : the mean of -ln P(true vector), and the share of rows whose likeliest vector is true
    close : whether its nll is within one standard error of the lowest
    chosen : whether it is the one to take
    """

    nll: float
    accuracy: float
    close: bool
    chosen: bool


@dataclass(frozen=True)
class Tuning:
    """What `tune` found: the fitted model of the best settings, and every candidate's settings with its score."""

    model: LabelModel
    trials: tuple[tuple[Mapping[str, Any], Score], ...]


def select(probabilities: Sequence[Floats], gold: npt.NDArray[np.int64]) -> tuple[Score, ...]:
    """Score candidates by their probabilities (n, r) for the same rows, of gold indices (n,); exactly one is chosen.

    Raises ValueError without candidates, and for fewer than two gold labels, which have no standard error.
    """
    if not len(probabilities) or len(gold) < 2:
        raise ValueError(
            "choosing needs a candidate at least and two gold labels or more; "
            f"got {len(probabilities)} candidate(s) and {len(gold)} label(s)"
        )
    right = np.stack([candidate[np.arange(len(gold)), gold] for candidate in probabilities])
    losses = -np.log(np.maximum(right, np.finfo(np.float64).tiny))
    nll = losses.mean(axis=1)
    accuracy = np.array([(candidate.argmax(axis=1) == gold).mean() for candidate in probabilities])
    behind = losses - losses[nll.argmin()]
    close = behind.mean(axis=1) <= behind.std(axis=1) / np.sqrt(len(gold))
    best = min(np.flatnonzero(close), key=lambda i: (-accuracy[i], nll[i], i))
    return tuple(
        Score(float(nll[i]), float(accuracy[i]), bool(close[i]), bool(i == best)) for i in range(len(probabilities))
    )


def tune(
    model: LabelModel,
    votes: Source,
    dev_votes: Votes,
    gold: Any,
    candidates: Iterable[Mapping[str, Any]] | None = None,
) -> Tuning:
    """Choose a label model's settings on a development set; every candidate is fitted on `votes`, gold ranks them.

    model : the settings to start from, and the first candidate; stays as it is
    votes : to fit on, in any form that `LabelModel.fit` takes
    dev_votes : of the development set, with the same columns; they may be among `votes`
    gold : of `dev_votes`, in any form that `LabelModel.score` takes; a hundred labels are enough
    candidates : settings to try, each by what differs from `model`; None: `default_candidates`

    Raises ValueError for fewer than two gold labels, and as `LabelModel.fit` and `predict_proba` do.
    """
    most = model.max_distinct_rows
    # Read once, for all fits.
    statistics = (
        as_statistics(votes, model.tasks) if most is None else as_sample(votes, model.tasks, most, model.seed)[0]
    )
    matrix = as_votes(dev_votes, model.tasks, statistics.spaces)
    labels = as_gold(gold, model.tasks, len(matrix))
    tried: list[Mapping[str, Any]] = [{}, *(default_candidates(model, labels) if candidates is None else candidates)]
    models = [LabelModel(**{**model.get_params(), **settings}) for settings in tried]
    with warnings.catch_warnings():
        # Each fit would say the same of the votes; the chosen one's report says it once.
        warnings.simplefilter("ignore", OneSidedVotesWarning)
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        warnings.simplefilter("ignore", NotConvergedWarning)
        scores = select([fitted.fit(statistics).predict_proba(matrix) for fitted in models], labels)
    chosen = next(i for i, score in enumerate(scores) if score.chosen)
    return Tuning(models[chosen], tuple(zip(tried, scores, strict=True)))


def default_candidates(model: LabelModel, gold: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the settings that tuning tries: "map" and "mle", silence as evidence or not, the balance of gold or not.

    A balance that the model is given is kept.
    """
    balances = [counted_balance(gold, model.tasks), None] if model.class_balance is None else [model.class_balance]
    grid = [
        {"estimator": "map", "shrinkage": s, "prior_precision": rho, "use_abstains": silence, "class_balance": balance}
        for s, rho, silence, balance in product(SHRINKAGES, PRECISIONS, (False, True), balances)
    ]
    return grid + [{"estimator": "mle", "class_balance": balance} for balance in balances]
