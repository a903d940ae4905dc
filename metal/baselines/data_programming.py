"""Data programming: a generative model for each task separately, without the joint structure.

For one task with k values and class balance p, source i votes at its own rate, whatever the label, and is
right with probability a_i, its errors spread evenly:

    P(vote v | y) = rate_i (a_i if v = y else (1 - a_i) / (k - 1))
    P(y | votes) = p(y) times the product over the votes, normalised

Sources are independent given the label; their accuracies a_i are found by EM on the distinct rows. Silence
says nothing, and errors do not depend on the class: the differences to `metal.label_model`. The regularisation
is the same: `prior_strength` votes at `prior_precision`, and a fixed pull `shrinkage` towards it. (Without the
pull, sources that vote one way only drag each other to accuracy one, and a whole class is lost.)
Down a hierarchy the probability of a feasible vector is the product over its applicable tasks of P(label | the
task applies); in any other feasible set the product of the tasks' posteriors, renormalised on F.

Source: Ratner et al., "Data Programming: Creating Large Training Sets, Quickly", NeurIPS 2016, section 2, as the
baseline of Ratner et al., 2019, section 5; there fitted by stochastic gradients on Gibbs samples.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from metal.baselines.task_votes import task_votes
from metal.label_matrix import ABSTAIN, LabelMatrix, LabelSpace
from metal.label_model import NotConvergedWarning, NotFittedError
from metal.label_model.class_balance import checked_balance, uniform_balance
from metal.statistics import Codes, Statistics
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TaskModel:
    """The fitted model of one task.

    balance : (k,) P(value)
    accuracies : (m,) P(vote correct), as the posterior trusts it, pulled to the prior
    estimated : (m,) the same before the pull, as the votes say it
    """

    balance: Floats
    accuracies: Floats
    estimated: Floats
    converged: bool
    iterations: int

    def posterior(self, codes: Codes) -> Floats:
        """Return P(value | votes) for codes (n, m) on this task alone: (n, k)."""
        k = len(self.balance)
        if k == 1:
            return np.ones((len(codes), 1))
        gain = np.log(self.accuracies) - np.log((1 - self.accuracies) / (k - 1))
        scores = np.log(self.balance) + np.stack([(codes == v + 1) @ gain for v in range(k)], axis=1)
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return P(value | votes) for votes on this task alone: (n, k)."""
        return self.posterior(votes.codes)


class Predicts(Protocol):
    """A model of one task's values."""

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return P(value | votes) for votes on the task alone: (n, k)."""


class DataProgramming:
    """Data programming over a task graph.

    Parameters
    ----------
    class_balance : (|F|,) P(Y), of which each task's model gets its marginal; None: uniform over F
    shrinkage, prior_precision, prior_strength : as of "map", see `metal.label_model.map_em`
    max_iterations, tolerance : EM stops when no accuracy moves by more than the tolerance

    After `fit`: `models_`, the fitted `TaskModel` of each task by name, and `accuracies_` by source name,
    the mean over the tasks that the source votes on, weighted by its votes.
    """

    def __init__(
        self,
        tasks: TaskGraph,
        *,
        class_balance: npt.ArrayLike | None = None,
        shrinkage: float = 0.7,
        prior_precision: float = 0.7,
        prior_strength: float = 5.0,
        max_iterations: int = 1000,
        tolerance: float = 1e-6,
    ) -> None:
        balance = uniform_balance(tasks) if class_balance is None else checked_balance(class_balance, tasks)
        if not 0.5 < prior_precision < 1 or prior_strength <= 0:
            raise ValueError(
                "prior_precision must lie in (.5, 1) and prior_strength be positive; "
                f"got {prior_precision} and {prior_strength}"
            )
        if max_iterations < 1:
            raise ValueError(f"max_iterations must be at least 1; got {max_iterations}")
        self.tasks = tasks
        self.class_balance = balance
        self._spaces: tuple[LabelSpace, ...] | None = None
        if not 0 <= shrinkage <= 1:
            raise ValueError(f"shrinkage must lie in [0, 1]; got {shrinkage}")
        self.shrinkage = shrinkage
        self.prior_precision = prior_precision
        self.prior_strength = prior_strength
        self.max_iterations = max_iterations
        self.tolerance = tolerance

    def fit(self, votes: LabelMatrix) -> DataProgramming:
        """Fit one model a task; returns self. Raises ValueError if no source votes on any row."""
        check_votes(votes, self.tasks)
        self.models_: dict[str, TaskModel] = {}
        counts = {}
        for task in self.tasks.names:
            statistics = Statistics.of(task_votes(votes, task))
            model = self._fit_task(statistics, self.tasks.marginal(self.class_balance[None], task)[0])
            self.models_[task] = model
            counts[task] = np.array([total[1:].sum() for total in statistics.totals])
        self.accuracies_ = mean_accuracies(self.models_, counts, votes.names, prior=self.prior_precision)
        self._spaces = votes.spaces
        return self

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return probabilities over F: (n, |F|).

        Raises NotFittedError before `fit`, ValueError if the columns are not those of the fit.
        """
        check_columns(votes, self._spaces)
        return multiplied(self.models_, votes)

    def _fit_task(self, statistics: Statistics, balance: Floats) -> TaskModel:
        rows, counts, k = statistics.rows, statistics.counts, len(balance)
        votes = np.array([total[1:].sum() for total in statistics.totals])
        accuracies = np.full(len(statistics.spaces), self.prior_precision)
        if k == 1:
            return TaskModel(balance, accuracies, accuracies, True, 0)
        indicators = [(rows == v + 1).astype(np.float64) for v in range(k)]
        for iteration in range(1, self.max_iterations + 1):
            weights = TaskModel(balance, accuracies, accuracies, False, iteration).posterior(rows) * counts[:, None]
            right = np.sum([indicators[v].T @ weights[:, v] for v in range(k)], axis=0)
            mean = (right + self.prior_strength * self.prior_precision) / (votes + self.prior_strength)
            new = (1 - self.shrinkage) * mean + self.shrinkage * self.prior_precision
            moved = float(np.abs(new - accuracies).max())
            accuracies = new
            if moved < self.tolerance:
                return TaskModel(balance, accuracies, mean, True, iteration)
        warnings.warn(
            f"data programming stopped after {self.max_iterations} iterations; raise max_iterations",
            NotConvergedWarning,
            stacklevel=3,
        )
        return TaskModel(balance, accuracies, mean, False, self.max_iterations)


def check_votes(votes: LabelMatrix, tasks: TaskGraph) -> None:
    """Raise ValueError for votes over another task graph, and where no source votes on any row."""
    if votes.tasks != tasks:
        raise ValueError(f"the votes are over {votes.tasks!r}, data programming over {tasks!r}")
    if not (votes.codes != ABSTAIN).any():
        raise ValueError(f"nothing to fit: no source votes on any of the {len(votes)} rows")


def check_columns(votes: LabelMatrix, fitted: tuple[LabelSpace, ...] | None) -> None:
    """Raise NotFittedError before a fit (None), ValueError if the columns are not those of the fit."""
    if fitted is None:
        raise NotFittedError("data programming is not fitted; call fit(votes) first")
    if votes.spaces != fitted:
        raise ValueError(f"the votes' columns {list(votes.names)} are not those of the fit")


def multiplied(models: Mapping[str, Predicts], votes: LabelMatrix) -> Floats:
    """Return the product over the tasks of P(label | the task applies), renormalised over the feasible set: (n, |F|).

    models : of every task, in the task graph's order
    """
    tasks = votes.tasks
    result = np.ones((len(votes), len(tasks.feasible)))
    for (task, model), membership in zip(models.items(), tasks.memberships(), strict=True):
        # A task counts once, where it applies: that it does is its parent's to say.
        values = tasks.values(task)
        chosen = model.predict_proba(task_votes(votes, task))[:, [values.index(c) for c in tasks.choices(task)]]
        given_applies = chosen / chosen.sum(axis=1, keepdims=True)
        result *= given_applies @ membership.T + (membership.sum(axis=1) == 0)
    total = result.sum(axis=1, keepdims=True)
    return np.asarray(result / total)


def mean_accuracies(
    models: Mapping[str, TaskModel], counts: Mapping[str, npt.NDArray[Any]], names: Sequence[str], *, prior: float
) -> dict[str, float]:
    """Return each source's mean estimated accuracy over the tasks, weighted by its votes; `prior` without any."""
    cast = np.sum([counts[task] for task in models], axis=0)
    hits = np.sum([counts[task] * model.estimated for task, model in models.items()], axis=0)
    accuracy = np.where(cast > 0, hits / np.maximum(cast, 1), prior)
    return {name: float(a) for name, a in zip(names, accuracy, strict=True)}
