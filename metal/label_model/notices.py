"""What a reader of a fit should know: said once as warnings, and kept as its messages."""

from __future__ import annotations

import warnings

from metal.label_model.emissions import Estimate
from metal.label_model.hygiene import doubtful_sources
from metal.label_model.report import NotConvergedWarning
from metal.label_model.residuals import Residuals, SuspectedDependencyWarning, suspicion
from metal.statistics import Statistics

CALLER = 5
"""The frame that warnings point at: who called `LabelModel.fit`."""


def notices(
    statistics: Statistics, residuals: Residuals | None, estimate: Estimate, estimator: str, tolerance: float
) -> tuple[str, ...]:
    """Return the messages of a fit, and warn of suspected dependencies, its alarm, and of stopping early.

    residuals : None where no source votes
    """
    messages = (*doubtful_sources(statistics), *estimate.messages)
    if residuals is None:
        return (*messages, "no source votes: its labels are as likely as the class balance says")
    if residuals.unchecked:
        messages += (residuals.unchecked,)
    if residuals.suspected:
        messages += (suspicion(residuals.suspected),)
        warnings.warn(messages[-1], SuspectedDependencyWarning, stacklevel=CALLER)
    if estimate.alarm:
        messages += (str(estimate.alarm),)
        warnings.warn(estimate.alarm, stacklevel=CALLER)
    if not estimate.converged:
        messages += (f"not converged after {estimate.iterations} iterations",)
        warnings.warn(
            f"estimator {estimator!r} stopped after {estimate.iterations} iterations before it reached the "
            f"tolerance {tolerance:g}; raise max_iterations",
            NotConvergedWarning,
            stacklevel=CALLER,
        )
    return messages
