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

from metal.baselines.per_task import PerTask
from metal.baselines.task_votes import task_votes
from metal.label_matrix import ABSTAIN, LabelMatrix
from metal.label_model import LabelModel
from metal.label_model.class_balance import checked_balance
from metal.tasks import TaskGraph


class SeparateTasks(PerTask[LabelModel]):
    """One label model a task.

    tasks, dependencies, class_balance : as of `LabelModel`; each task's model gets the balance's marginal
    settings : further arguments of `LabelModel`, the same for every task
    """

    def __init__(
        self,
        tasks: TaskGraph,
        dependencies: Collection[Sequence[str]] = (),
        *,
        class_balance: npt.ArrayLike | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(tasks)
        self.dependencies = dependencies
        self.class_balance = None if class_balance is None else checked_balance(class_balance, tasks)
        self.settings = settings

    def fit(self, votes: LabelMatrix) -> SeparateTasks:
        """Fit one model a task; returns self.

        Raises ValueError as `LabelModel.fit` does, also for a task that no vote speaks of.
        """
        self._check(votes)
        models, estimated, cast = {}, {}, {}
        for task in self.tasks.names:
            own = task_votes(votes, task)
            balance = None
            if self.class_balance is not None:
                balance = self.tasks.marginal(self.class_balance[None], task)[0]
            model = LabelModel(own.tasks, self.dependencies, class_balance=balance, **self.settings).fit(own)
            models[task] = model
            estimated[task] = np.array([model.accuracies_[name] for name in votes.names])
            cast[task] = (own.codes != ABSTAIN).sum(axis=0)
        self._keep(models, estimated, cast, votes, unheard=None)
        return self
