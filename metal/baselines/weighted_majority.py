"""Weighted majority vote: a source counts by the log-odds of its agreement with the vote.

For one task with k values, w_i the share of source i's votes that agree with the present labels, and

    v_i = log( (k - 1) w_i / (1 - w_i) ),   label of a row = argmax over values of the sum of v_i of its votes

started at the majority vote and repeated until no label moves. v_i is the optimal weight of independent sources of
accuracy w_i (Nitzan and Paroush, 1982), and may be negative. Ties are split evenly, and k pseudo-votes of which one
agrees keep weights finite. What it gives is P(value | votes) under these accuracies, classes alike, and from that
P(Y | votes) as for `metal.baselines.DataProgramming`, whose hard-label kin it is.

Source: Littlestone and Warmuth, "The Weighted Majority Algorithm", Information and Computation, 1994; iterated as in
Li and Yu, "Error Rate Bounds and Iterative Weighted Majority Voting for Crowdsourcing", 2014 (arXiv 1411.4086),
whose weight k w_i - 1 is the first-order term of the log-odds.
"""

from __future__ import annotations

import warnings

import numpy as np

from metal.baselines.data_programming import TaskModel
from metal.baselines.per_task import PerTask
from metal.baselines.task_votes import task_votes
from metal.label_matrix import LabelMatrix
from metal.label_model import NotConvergedWarning
from metal.statistics import Statistics
from metal.tasks import TaskGraph


class WeightedMajorityVote(PerTask[TaskModel]):
    """The weighted majority vote over a task graph.

    max_iterations : rounds of weighing and voting at most; 1 weighs by agreement with the majority vote alone

    After `fit`, `accuracies_` is each source's agreement with the labels.
    """

    def __init__(self, tasks: TaskGraph, *, max_iterations: int = 100) -> None:
        if max_iterations < 1:
            raise ValueError(f"max_iterations must be at least 1; got {max_iterations}")
        super().__init__(tasks)
        self.max_iterations = max_iterations

    def fit(self, votes: LabelMatrix) -> WeightedMajorityVote:
        """Weigh the sources, task by task; returns self. Raises ValueError if no source votes on any row."""
        self._check(votes)
        models, cast = {}, {}
        for task in self.tasks.names:
            statistics = Statistics.of(task_votes(votes, task))
            models[task] = self._weigh(statistics, len(self.tasks.values(task)))
            cast[task] = np.array([total[1:].sum() for total in statistics.totals])
        late = [task for task, model in models.items() if not model.converged]
        if late and self.max_iterations > 1:
            warnings.warn(
                f"the weighted majority vote on {late} still moved after {self.max_iterations} rounds; "
                "raise max_iterations",
                NotConvergedWarning,
                stacklevel=2,
            )
        self._keep(models, {task: model.estimated for task, model in models.items()}, cast, votes, unheard=0.5)
        return self

    def _weigh(self, statistics: Statistics, k: int) -> TaskModel:
        rows, balance = statistics.rows, np.full(k, 1 / k)
        cast = np.array([total[1:].sum() for total in statistics.totals])
        weights = np.ones(rows.shape[1])
        labels = None
        for iteration in range(1, self.max_iterations + 1):
            scores = np.stack([(rows == value + 1) @ weights for value in range(k)], axis=1)
            best = np.isclose(scores, scores.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
            before, labels = labels, best / best.sum(axis=1, keepdims=True)
            agreement = labels * statistics.counts[:, None]
            hits = np.sum([((rows == value + 1) * agreement[:, value, None]).sum(axis=0) for value in range(k)], axis=0)
            accuracies = (hits + 1) / (cast + max(k, 2))
            weights = np.log(max(k - 1, 1) * accuracies / (1 - accuracies))
            if before is not None and np.array_equal(before, labels):
                return TaskModel(balance, accuracies, accuracies, True, iteration)
        return TaskModel(balance, accuracies, accuracies, False, self.max_iterations)
