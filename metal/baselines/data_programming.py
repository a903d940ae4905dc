"""Data programming: a generative model for each task separately, without the joint structure.

For one task with k values and class balance p, source i votes at its own rate, whatever the label, and is
right with probability a_i, its errors spread evenly:

    P(vote v | y) = rate_i (a_i if v = y else (1 - a_i) / (k - 1))
    P(y | votes) = p(y) times the product over the votes, normalised

Sources are independent given the label; their accuracies a_i are found by EM on the distinct rows. Silence
says nothing, and errors do not depend on the class: the differences to `metal.label_model`. The regularisation
is the same: `prior_strength` votes at `prior_precision`, and a fixed pull `shrinkage` towards it. (Without the
pull, sources that vote one way only drag each other to accuracy one, and a whole class is lost.) Tasks are combined
as `metal.baselines.per_task` says.

Source: Ratner et al., "Data Programming: Creating Large Training Sets, Quickly", NeurIPS 2016, section 2, as the
baseline of Ratner et al., 2019, section 5; there fitted by stochastic gradients on Gibbs samples.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metal.baselines.per_task import Floats, PerTask
from metal.baselines.task_votes import task_votes
from metal.label_matrix import LabelMatrix
from metal.label_model import NotConvergedWarning
from metal.label_model.class_balance import checked_balance, uniform_balance
from metal.statistics import Codes, Statistics
from metal.tasks import TaskGraph


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


class DataProgramming(PerTask[TaskModel]):
    """Data programming over a task graph.

    Parameters
    ----------
    class_balance : (|F|,) P(Y), of which each task's model gets its marginal; None: uniform over F
    shrinkage, prior_precision, prior_strength : as of "map", see `metal.label_model.map_em`
    max_iterations, tolerance : EM stops when no accuracy moves by more than the tolerance
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
        super().__init__(tasks)
        self.class_balance = balance
        if not 0 <= shrinkage <= 1:
            raise ValueError(f"shrinkage must lie in [0, 1]; got {shrinkage}")
        self.shrinkage = shrinkage
        self.prior_precision = prior_precision
        self.prior_strength = prior_strength
        self.max_iterations = max_iterations
        self.tolerance = tolerance

    def fit(self, votes: LabelMatrix) -> DataProgramming:
        """Fit one model a task; returns self. Raises ValueError if no source votes on any row."""
        self._check(votes)
        models, cast = {}, {}
        for task in self.tasks.names:
            statistics = Statistics.of(task_votes(votes, task))
            models[task] = self._fit_task(statistics, self.tasks.marginal(self.class_balance[None], task)[0])
            cast[task] = np.array([total[1:].sum() for total in statistics.totals])
        estimated = {task: model.estimated for task, model in models.items()}
        self._keep(models, estimated, cast, votes, unheard=self.prior_precision)
        return self

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
