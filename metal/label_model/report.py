"""How a fit went, and what can go wrong with one."""

from __future__ import annotations

from dataclasses import dataclass


class NotFittedError(RuntimeError):
    """The label model is asked before `fit`."""


class NotConvergedWarning(RuntimeWarning):
    """An estimator stopped at its iteration limit."""


class PoorFitWarning(RuntimeWarning):
    """An estimator came to rest where its model does not explain the votes."""


class OneSidedVotesWarning(UserWarning):
    """Votes speak for one side only, and nothing tells how many rows their silence stands for."""


@dataclass(frozen=True)
class FitReport:
    """How the fit went.

    objective : the estimator's objective after each M-step but the last, where it has one (mle: mean log-likelihood)
    messages : what a reader of the accuracies should know
    """

    estimator: str
    n: float
    distinct_rows: int
    converged: bool
    iterations: int
    objective: tuple[float, ...]
    messages: tuple[str, ...]
