"""Data programming by Gibbs sampling: the 2016 system, for comparison.

For each task a factor graph over the true label Y (k values) and the votes L_1..L_m (0 abstains),

    P(L, Y) = 1/Z p(Y) exp( sum_j [ lab_j 1{L_j != 0} + acc_j 1{L_j = Y} ] + sum_(i,j) corr_ij 1{L_i = L_j} )

with factors for propensity, accuracy and pairwise correlation. The weights maximise the marginal likelihood
of the votes by stochastic gradients,

    d log P(L) / d w = E[factors | L] - E[factors],

both expectations replaced by Gibbs samples: the first from P(Y | L), the second from a persistent chain for
each example, in which Y and then every vote is drawn given all others. Unlike every other estimator here it
needs no decomposition, and pays for that by a run time proportional to examples x sources x epochs.

Given Y, correlation factors do not involve it, so P(Y | L) is proportional to p(Y) exp(sum_j acc_j 1{L_j = Y}),
the posterior of `TaskModel` with accuracies e^acc / (e^acc + k - 1).

Source: Ratner, De Sa, Wu, Selsam and Re, "Data Programming: Creating Large Training Sets, Quickly", NeurIPS 2016,
section 3; Ratner et al., "Snorkel: Rapid Training Data Creation with Weak Supervision", VLDB 2018, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.baselines.data_programming import TaskModel
from metal.baselines.per_task import Floats, PerTask
from metal.baselines.task_votes import task_votes
from metal.dependencies import DependencyGraph
from metal.label_matrix import ABSTAIN, LabelMatrix
from metal.label_model.class_balance import checked_balance, uniform_balance
from metal.tasks import TaskGraph

Ints = npt.NDArray[np.int64]
LARGEST = 10.0
"""Bound of a weight: sources that never err would send theirs to infinity."""
LEAST_ROWS = 100
"""The rows that a step is divided by, at least: of a few, the noise of the samples would move the weights anywhere."""


@dataclass
class FactorGraph:
    """The weights of one task's model, and its Gibbs sampler.

    balance : (k,) P(Y)
    pairs : correlated columns; each has a weight in `corr`
    """

    balance: Floats
    pairs: tuple[tuple[int, int], ...]
    lab: Floats
    acc: Floats
    corr: Floats

    def draw_label(self, votes: Ints, random: np.random.Generator) -> Ints:
        """Draw Y given the votes (n, m): values 1..k, (n,)."""
        scores = np.stack([(votes == y + 1) @ self.acc for y in range(len(self.balance))], axis=1)
        return _draw(scores + np.log(self.balance), random) + 1

    def sweep(self, votes: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
        """Draw Y, then every vote in turn, each given all others: new votes (n, m) and labels (n,)."""
        label, votes = self.draw_label(votes, random), votes.copy()
        everyone = np.arange(len(votes))
        for j in range(votes.shape[1]):
            scores = np.zeros((len(votes), len(self.balance) + 1))
            scores[:, 1:] = self.lab[j]
            scores[everyone, label] += self.acc[j]
            for weight, (first, second) in zip(self.corr, self.pairs, strict=True):
                if j in (first, second):
                    scores[everyone, votes[:, second if j == first else first]] += weight
            votes[:, j] = _draw(scores, random)
        return votes, label

    def climb(self, observed: Ints, label: Ints, drawn: Ints, drawn_label: Ints, rate: float, decay: float) -> None:
        """Move the weights along the sampled gradient, summed over examples, after shrinking them by `decay`.

        Accuracies are held to chance or better: what else would tell Y from its mirror image?
        """
        for weights, gain in (
            (self.lab, (observed != ABSTAIN).sum(axis=0) - (drawn != ABSTAIN).sum(axis=0)),
            (self.acc, (observed == label[:, None]).sum(axis=0) - (drawn == drawn_label[:, None]).sum(axis=0)),
            (self.corr, self._agreements(observed) - self._agreements(drawn)),
        ):
            weights *= decay
            weights += rate * gain
            np.clip(weights, 0.0 if weights is self.acc else -LARGEST, LARGEST, out=weights)

    def _agreements(self, votes: Ints) -> Ints:
        return np.array([int((votes[:, i] == votes[:, j]).sum()) for i, j in self.pairs], dtype=np.int64)


class GibbsDataProgramming(PerTask[TaskModel]):
    """Data programming over a task graph, fitted by Gibbs sampling.

    Parameters
    ----------
    dependencies : pairs of source names that get a correlation factor
    class_balance : (|F|,) P(Y), of which each task's model gets its marginal; None: uniform over F
    epochs : passes over the examples
    step_size : how far the mean gradient moves the weights in the first epoch; it falls like 1 / sqrt(epoch)
    regularisation : of the L2 penalty on the weights, in the units of the mean gradient
    batch_size : examples whose samples share a step; 1 is the algorithm as published, more is the same
        algorithm with steps taken together, and faster in numpy
    burn_in : sweeps of the chains before the first step
    seed : of all draws

    After `fit`: `models_` (`TaskModel` by task; iterations are epochs, and there is no test of convergence),
    `graphs_` (`FactorGraph` by task) and `accuracies_` by source name.
    """

    def __init__(
        self,
        tasks: TaskGraph,
        dependencies: Iterable[Sequence[str]] = (),
        *,
        class_balance: npt.ArrayLike | None = None,
        epochs: int = 50,
        step_size: float = 10.0,
        regularisation: float = 0.0,
        batch_size: int = 64,
        burn_in: int = 10,
        seed: int = 0,
    ) -> None:
        balance = uniform_balance(tasks) if class_balance is None else checked_balance(class_balance, tasks)
        if epochs < 1 or batch_size < 1 or burn_in < 0:
            raise ValueError(
                f"epochs and batch_size must be at least 1, burn_in 0; got {epochs}, {batch_size}, {burn_in}"
            )
        if step_size <= 0 or regularisation < 0:
            raise ValueError(
                f"step_size must be positive, regularisation not negative; got {step_size}, {regularisation}"
            )
        super().__init__(tasks)
        self.dependencies = tuple(tuple(edge) for edge in dependencies)
        self.class_balance = balance
        self.epochs = epochs
        self.step_size = step_size
        self.regularisation = regularisation
        self.batch_size = batch_size
        self.burn_in = burn_in
        self.seed = seed

    def fit(self, votes: LabelMatrix) -> GibbsDataProgramming:
        """Fit one model a task; returns self. Raises ValueError if no source votes, or a dependency is unknown."""
        self._check(votes)
        edges = DependencyGraph(votes.names, self.dependencies).edges
        pairs = tuple((votes.names.index(a), votes.names.index(b)) for a, b in edges)
        random = np.random.default_rng(self.seed)
        self.graphs_: dict[str, FactorGraph] = {}
        models, cast = {}, {}
        for task in self.tasks.names:
            codes = task_votes(votes, task).codes.astype(np.int64)
            balance = self.tasks.marginal(self.class_balance[None], task)[0]
            graph = self._train(codes, balance, pairs, random)
            odds = np.exp(graph.acc)
            accuracies = odds / (odds + max(len(balance) - 1, 1))
            self.graphs_[task] = graph
            models[task] = TaskModel(balance, accuracies, accuracies, True, self.epochs)  # nothing pulls them
            cast[task] = (codes != ABSTAIN).sum(axis=0)
        self._keep(models, {task: model.estimated for task, model in models.items()}, cast, votes, unheard=0.5)
        return self

    def _train(
        self, codes: Ints, balance: Floats, pairs: tuple[tuple[int, int], ...], random: np.random.Generator
    ) -> FactorGraph:
        n, m = codes.shape
        # Sources start better than chance, which settles which label is which.
        graph = FactorGraph(balance, pairs, np.zeros(m), np.ones(m), np.zeros(len(pairs)))
        if len(balance) == 1:
            return graph
        chain = codes.copy()
        for _ in range(self.burn_in):
            chain, _ = graph.sweep(chain, random)
        for epoch in range(1, self.epochs + 1):
            rate = self.step_size / np.sqrt(epoch) / max(n, LEAST_ROWS)
            order = random.permutation(n)
            for start in range(0, n, self.batch_size):
                batch = order[start : start + self.batch_size]
                label = graph.draw_label(codes[batch], random)
                drawn, drawn_label = graph.sweep(chain[batch], random)
                chain[batch] = drawn
                shrink = 1 / (1 + self.regularisation * rate * len(batch))
                graph.climb(codes[batch], label, drawn, drawn_label, rate, shrink)
        return graph


def _draw(scores: npt.NDArray[Any], random: np.random.Generator) -> Ints:
    """Draw a column of each row with probability proportional to exp(score), (n,)."""
    weights = np.exp(scores - scores.max(axis=1, keepdims=True)).cumsum(axis=1)
    return np.asarray((random.random(len(scores))[:, None] * weights[:, -1:] >= weights).sum(axis=1), dtype=np.int64)
