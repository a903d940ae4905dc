"""The label model with every task modelled alone: what joint modelling is held against.

Each task gets a `LabelModel` of its own over the votes that imply one of its values; down a hierarchy a feasible
vector's probability is the product over its applicable tasks. Nothing that one task's votes say about a source is
known to another task's model.

Source: the ablation of Ratner et al., 2019, section 5.3.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.baselines.data_programming import check_columns, check_votes, multiplied
from metal.baselines.task_votes import task_votes
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.label_model import LabelModel
from metal.label_model.class_balance import checked_balance
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]


class SeparateTasks:
    """One label model a task.

    tasks, dependencies, class_balance : as of `LabelModel`; each task's model gets the balance's marginal
    settings : further arguments of `LabelModel`, the same for every task

    After `fit`: `models_`, the fitted `LabelModel` of each task by name, and `accuracies_` by source name, the mean
    over the tasks that the source votes on, weighted by its votes.
    """

    def __init__(
        self,
        tasks: TaskGraph,
        dependencies: Collection[Sequence[str]] = (),
        *,
        class_balance: npt.ArrayLike | None = None,
        **settings: Any,
    ) -> None:
        self.tasks = tasks
        self.dependencies = dependencies
        self.class_balance = None if class_balance is None else checked_balance(class_balance, tasks)
        self.settings = settings
        self._spaces: tuple[LabelSpace, ...] | None = None

    def fit(self, votes: LabelMatrix) -> SeparateTasks:
        """Fit one model a task; returns self.

        Raises ValueError as `LabelModel.fit` does, also for a task that no vote speaks of.
        """
        check_votes(votes, self.tasks)
        self.models_: dict[str, LabelModel] = {}
        hits, cast = np.zeros(len(votes.names)), np.zeros(len(votes.names))
        for task in self.tasks.names:
            own = task_votes(votes, task)
            balance = None
            if self.class_balance is not None:
                balance = self.tasks.marginal(self.class_balance[None], task)[0]
            model = LabelModel(own.tasks, self.dependencies, class_balance=balance, **self.settings).fit(own)
            self.models_[task] = model
            voted = (own.codes != 0).sum(axis=0)
            hits += voted * np.array([model.accuracies_[name] for name in votes.names])
            cast += voted
        known = np.where(cast > 0, hits / np.maximum(cast, 1), np.nan)
        self.accuracies_ = {name: float(a) for name, a in zip(votes.names, known, strict=True) if np.isfinite(a)}
        self._spaces = votes.spaces
        return self

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return probabilities over F: (n, |F|).

        Raises NotFittedError before `fit`, ValueError if the columns are not those of the fit.
        """
        check_columns(votes, self._spaces)
        return multiplied(self.models_, votes)
