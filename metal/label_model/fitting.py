"""A fit by the settings it was made with: the estimate itself, and the errors of what was estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from metal.dependencies import DependencyGraph
from metal.label_model.blocks import Block, blocks_of, together, unvoted
from metal.label_model.bootstrap import bootstrap_errors
from metal.label_model.class_balance import checked_balance
from metal.label_model.emissions import Estimate
from metal.label_model.estimators import MOMENTS, run_estimator
from metal.label_model.residuals import Residuals
from metal.label_model.settings import NOT_THE_ESTIMATORS, SETTINGS
from metal.label_model.state import Fit
from metal.label_model.uncertainty import Uncertainty, uncertainty
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


def estimated(params: Mapping[str, Any], block: Block, residuals: Residuals | None) -> Estimate:
    """Run the estimator that the arguments of a `LabelModel` name on a block. Raises as `run_estimator`."""
    if not block.columns:
        return unvoted(block)
    estimator = params["estimator"]
    if not block.voted:  # there are no moments, and nothing to shrink: what is left is what each started from
        estimator = "map" if estimator in MOMENTS else "mle"
    settings = {name: params[name] for name in SETTINGS if name not in NOT_THE_ESTIMATORS}
    return run_estimator(estimator, block.statistics, block.graph, block.balance, residuals, **settings)


def shrunk(fit: Fit) -> bool:
    """Whether the accuracies were drawn to a prior on purpose, so that they have no standard errors."""
    return fit.params["estimator"] == "map" and not fit.estimate.probabilities


def standard_errors(fit: Fit, statistics: Statistics) -> dict[str, float]:
    """Return the standard errors of a fit's accuracies, by source name; `statistics` are those it was fitted on."""
    if fit.estimate.probabilities:
        return information(fit, statistics).standard_errors(fit.n)
    return bootstrap_errors(lambda drawn: _redrawn(fit.params, drawn), statistics, fit.n, seed=fit.params["seed"])


def _redrawn(params: Mapping[str, Any], drawn: Statistics) -> dict[str, float]:
    """Return the accuracies that a bootstrap draw gives; its residuals tell nothing new."""
    blocks = blocks_under(params, drawn)
    return together(blocks, [estimated(params, block, None) for block in blocks]).accuracies(drawn)


def information(fit: Fit, statistics: Statistics) -> Uncertainty:
    """Return the covariance of a fit of maximum likelihood. Raises ValueError for any other."""
    if not fit.estimate.probabilities:
        raise ValueError(
            "the information is that of maximum likelihood, freshly fitted (estimator='mle'); "
            f"this is {fit.params['estimator']!r}, loaded, shrunk or of moments"
        )
    return uncertainty(
        statistics,
        fit.estimate.emissions.units,
        fit.estimate.probabilities,
        fit.estimate.emissions.balance,
        parameterisation=fit.params["parameterisation"],
        learn_balance=fit.params["class_balance"] is None,
        seed=fit.params["seed"],
    )
