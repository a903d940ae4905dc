"""What baselines without a joint model share: a model of each task by itself, and their product over the feasible set.

Down a hierarchy the probability of a feasible vector is the product over its applicable tasks of P(label | the task
applies); in any other feasible set the product of the tasks' posteriors, renormalised on F.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from metal.baselines.task_votes import task_votes
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.label_model import NotFittedError
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]


class Predicts(Protocol):
    """A model of one task's values."""

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return P(value | votes) for votes on the task alone: (n, k)."""


Model = TypeVar("Model", bound=Predicts)


class PerTask(Generic[Model]):
    """One model a task, combined to label vectors.

    After `fit`: `models_`, the fitted model of each task by name, and `accuracies_` by source name, the mean over the
    tasks that the source votes on, weighted by its votes.
    """

    models_: dict[str, Model]
    accuracies_: dict[str, float]

    def __init__(self, tasks: TaskGraph) -> None:
        self.tasks = tasks
        self._spaces: tuple[LabelSpace, ...] | None = None

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return probabilities over F: (n, |F|).

        Raises NotFittedError before `fit`, ValueError if the columns are not those of the fit.
        """
        if self._spaces is None:
            raise NotFittedError(f"{type(self).__name__} is not fitted; call fit(votes) first")
        if votes.spaces != self._spaces:
            raise ValueError(f"the votes' columns {list(votes.names)} are not those of the fit")
        return multiplied(self.models_, votes)

    def _check(self, votes: LabelMatrix) -> None:
        """Raise ValueError for votes over another task graph, and where no source votes on any row."""
        if votes.tasks != self.tasks:
            raise ValueError(f"the votes are over {votes.tasks!r}, {type(self).__name__} over {self.tasks!r}")
        if votes.unvoted.all():
            raise ValueError(f"nothing to fit: no source votes on any of the {len(votes)} rows")

    def _keep(
        self,
        models: dict[str, Model],
        estimated: Mapping[str, Floats],
        cast: Mapping[str, npt.NDArray[np.number[Any]]],
        votes: LabelMatrix,
        *,
        unheard: float | None,
    ) -> None:
        """Take over a fit's outcome.

        estimated, cast : by task (m,), the accuracies of the sources on it and how many of their votes are
        unheard : the accuracy of a source that never votes; None: it has none
        """
        self.models_ = models
        total = np.sum([cast[task] for task in models], axis=0)
        hits = np.sum([cast[task] * estimated[task] for task in models], axis=0)
        self.accuracies_ = {} if unheard is None else dict.fromkeys(votes.names, unheard)
        heard = zip(votes.names, hits, total, strict=True)
        self.accuracies_ |= {name: float(hit / count) for name, hit, count in heard if count > 0}
        self._spaces = votes.spaces


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
