"""Hierarchical majority vote: at each task the shares of its votes, multiplied down the task tree.

At a task with labels v, given that it applies: P(v) = (votes for v) / (votes for any of its labels), each
label alike without votes; votes count where a source covers the task or its label implies a value of
it (`metal.baselines.task_votes`). The probability of a feasible vector is the product over its applicable
tasks, so every prediction is feasible and every row sums to one.

A feasible set that is not its tasks' hierarchy has no tree to walk down; there a vector's probability
is its share of all agreements, the number of votes whose event holds it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.baselines.task_votes import implied_codes
from metal.label_matrix import LabelMatrix
from metal.tasks import NOT_APPLICABLE, TaskGraph


class MajorityVote:
    """The majority vote over a task graph; nothing to fit.

    winner_takes_all : give a task's winners everything, ties split evenly, instead of shares of the votes
    """

    def __init__(self, tasks: TaskGraph, *, winner_takes_all: bool = False) -> None:
        self.tasks = tasks
        self.winner_takes_all = winner_takes_all
        try:
            tree = TaskGraph.hierarchy(*tasks.tasks)
        except ValueError:
            self.hierarchical = False
        else:
            self.hierarchical = set(tree.feasible) == set(tasks.feasible)

    def predict_proba(self, votes: LabelMatrix) -> npt.NDArray[np.float64]:
        """Return probabilities over F: (n, |F|). Raises ValueError for votes over another task graph."""
        if votes.tasks != self.tasks:
            raise ValueError(f"the votes are over {votes.tasks!r}, the majority vote over {self.tasks!r}")
        if not self.hierarchical:
            return self._agreement(votes)
        result = np.ones((len(votes), len(self.tasks.feasible)))
        for position, task in enumerate(self.tasks.tasks):
            values = self.tasks.values(task.name)
            codes = implied_codes(votes, task.name)
            counts = np.stack([(codes == values.index(label) + 1).sum(axis=1) for label in task.labels], axis=1)
            share = self._shares(counts.astype(np.float64))
            for f, vector in enumerate(self.tasks.feasible):
                if vector[position] != NOT_APPLICABLE:
                    result[:, f] *= share[:, task.labels.index(vector[position])]
        return result

    def predict(self, votes: LabelMatrix) -> npt.NDArray[np.int64]:
        """Return the index into F of the likeliest label vector of each row, the first of equals, (n,)."""
        return np.asarray(self.predict_proba(votes).argmax(axis=1), dtype=np.int64)

    def _shares(self, counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Turn counts (n, k) into distributions; a row of zeros is shared evenly."""
        if self.winner_takes_all:
            counts = (counts == counts.max(axis=1, keepdims=True)).astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, counts / np.maximum(total, 1), 1 / counts.shape[1]))

    def _agreement(self, votes: LabelMatrix) -> npt.NDArray[np.float64]:
        counts = np.zeros((len(votes), len(self.tasks.feasible)))
        for column in range(votes.shape[1]):
            allowed = votes.allowed(column).astype(np.float64)
            allowed[0] = 0.0
            counts += allowed[votes.codes[:, column]]
        return self._shares(counts)
