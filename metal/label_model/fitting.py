"""A fit by the settings it was made with: the estimate itself, and the errors of what was estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from metal.dependencies import DependencyGraph
from metal.label_model.blocks import Block, blocks_of, unvoted
from metal.label_model.bootstrap import bootstrap_errors
from metal.label_model.class_balance import checked_balance
from metal.label_model.emissions import Estimate
from metal.label_model.estimators import MOMENTS, run_estimator
from metal.label_model.notices import notices
from metal.label_model.residuals import Residuals, residual_dependencies
from metal.label_model.settings import NOT_THE_ESTIMATORS, SETTINGS
from metal.label_model.state import Errors, Fit, Part
from metal.label_model.uncertainty import BlockUncertainty, Uncertainty, uncertainty
from metal.statistics import Statistics


def settled(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a `LabelModel` as plain data of their own, which no change to the model changes."""
    balance = params["class_balance"]
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in params.items()}
    return plain | {
        "dependencies": [tuple(edge) for edge in params["dependencies"]],
        "class_balance": None if balance is None else np.asarray(balance, dtype=np.float64).tolist(),
    }


def blocks_under(params: Mapping[str, Any], statistics: Statistics) -> tuple[Block, ...]:
    """Return the blocks of tasks that the arguments of a `LabelModel` leave to be fitted by themselves."""
    balance = params["class_balance"]
    return blocks_of(
        statistics,
        DependencyGraph(statistics.names, params["dependencies"]),
        None if balance is None else checked_balance(balance, statistics.tasks),
    )


def fitted(params: Mapping[str, Any], statistics: Statistics, sampled: Sequence[str] = ()) -> Fit:
    """Estimate what the arguments of a `LabelModel` ask for, block by block, and warn of what `notices` does.

    sampled : what a reader should know of rows left out
    Raises as `LabelModel.fit`.
    """
    if not statistics.counts[statistics.voted].sum() > 0:
        raise ValueError(f"nothing to fit: no source votes on any of the {statistics.n:g} rows")
    parts = []
    for block in blocks_under(params, statistics):
        residuals = residual_dependencies(block.statistics, block.graph.columns) if block.voted else None
        estimate = estimated(params, block, residuals)
        messages = notices(block.statistics, residuals, estimate, params["estimator"], params["tolerance"])
        parts.append(Part(block, replace(estimate, messages=messages), residuals))
    return Fit.of(settled(params), parts, statistics, sampled)


def estimated(
    params: Mapping[str, Any], block: Block, residuals: Residuals | None, start: Estimate | None = None
) -> Estimate:
    """Run the estimator that the arguments of a `LabelModel` name on a block; `start` and errors as `run_estimator`."""
    if not block.columns:
        return unvoted(block)
    estimator = params["estimator"]
    if not block.voted:  # there are no moments, and nothing to shrink: what is left is what each started from
        estimator = "map" if estimator in MOMENTS else "mle"
    settings = {name: params[name] for name in SETTINGS if name not in NOT_THE_ESTIMATORS}
    return run_estimator(estimator, block.statistics, block.graph, block.balance, residuals, start, **settings)


def errors(fit: Fit) -> Errors:
    """Return how far a fresh fit's accuracies may be off; standard errors are inf for sources that never vote.

    The pull of "map" where it shrinks is its distance to a fit of "mle".
    Raises AttributeError for a fit that was loaded, and ValueError where maximum likelihood has too many parameters.
    """
    if not fit.parts:
        raise AttributeError("no errors of the estimates: none were saved; ask before saving, or fit again")
    found: dict[str, float] = {}
    pull = dict.fromkeys((space.name for space in fit.spaces), 0.0)
    for part in fit.parts:
        names = part.block.statistics.names
        if not part.block.voted:
            found |= dict.fromkeys(names, float("inf"))
        elif part.estimate.probabilities:
            found |= _information(fit, part, part.block.statistics).standard_errors(fit.n)
        else:
            refit = partial(_redrawn, fit.params, part)
            found |= bootstrap_errors(refit, part.block.statistics, fit.n, seed=fit.params["seed"])
            if fit.params["estimator"] == "map":
                efficient = estimated({**fit.params, "estimator": "mle"}, part.block, part.residuals)
                apart = efficient.accuracies(part.block.statistics)
                pull |= {name: abs(fit.accuracies[name] - accuracy) for name, accuracy in apart.items()}
    return Errors({space.name: found[space.name] for space in fit.spaces}, pull)


def _redrawn(params: Mapping[str, Any], part: Part, drawn: Statistics) -> dict[str, float]:
    """Return the accuracies that a bootstrap draw of a part gives, from where it ended; its residuals are kept."""
    block = replace(part.block, statistics=drawn)
    return estimated(params, block, part.residuals, part.estimate).accuracies(drawn)


def information(fit: Fit, statistics: Statistics) -> Uncertainty:
    """Return the covariance of a fit of maximum likelihood, on statistics of any votes of its sources.

    Raises ValueError for any other fit, and for too many parameters.
    """
    parts = [part for part in fit.parts if part.block.columns]
    if not parts or not all(part.estimate.probabilities for part in parts):
        raise ValueError(
            "the information is that of maximum likelihood, freshly fitted (estimator='mle'); "
            f"this is {fit.params['estimator']!r}, loaded, shrunk or of moments"
        )
    blocks = [block for block in blocks_under(fit.params, statistics) if block.columns]
    return Uncertainty(
        statistics.names,
        tuple(_information(fit, part, block.statistics) for part, block in zip(parts, blocks, strict=True)),
        tuple(block.labels for block in blocks),
    )


def _information(fit: Fit, part: Part, statistics: Statistics) -> BlockUncertainty:
    """Return the covariance of a part that is of maximum likelihood."""
    return uncertainty(
        statistics,
        part.estimate.emissions.units,
        part.estimate.probabilities,
        part.estimate.emissions.balance,
        parameterisation=fit.params["parameterisation"],
        learn_balance=fit.params["class_balance"] is None,
        seed=fit.params["seed"],
    )
