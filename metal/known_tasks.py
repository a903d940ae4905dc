"""Which tasks gold labels tell, where they do not tell all, and what follows for scores and for training.

Gold may stop at coarse labels: whether a name is a person's, but not which sort of person. Then what is known is a task
graph of its own, the projections of F on the known tasks, and each of its vectors is a set of vectors of F. Predictions
are gathered over such sets to be scored; a gold label is spread over its set to be learned from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metal.tasks import Task, TaskGraph

if TYPE_CHECKING:
    import pandas as pd

ALL_TASKS = "all tasks"
"""What `scored` says where gold tells every task."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KnownTasks:
    """Some tasks of a task graph, in its order: those that gold tells.

    Raises ValueError where there is none, or one that the task graph does not have.
    """

    tasks: TaskGraph
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.names or not set(self.names) <= set(self.tasks.names):
            raise ValueError(f"gold must tell at least one of the tasks {list(self.tasks.names)}; got {self.names}")

    @classmethod
    def of(cls, gold: pd.DataFrame, tasks: TaskGraph) -> KnownTasks:
        """Return what a table of gold labels tells, a column a task: those without a missing entry; of no row, all.

        Raises ValueError for a column that is not there, for one that is missing in some rows alone, with the id of
        such a row, and where all columns are missing throughout.
        """
        absent = [name for name in ("id", *tasks.names) if name not in gold.columns]
        if absent:
            raise ValueError(f"gold has no column {absent}; it has {list(gold.columns)}")
        missing = gold[list(tasks.names)].isna()
        for name in tasks.names:
            if missing[name].any() and not missing[name].all():
                identifier = gold.loc[missing[name], "id"].iloc[0]
                raise ValueError(
                    f"gold tells task {name!r} of some examples, but not of {identifier!r}; "
                    "it must tell a task of every example in it, or of none"
                )
        return cls(tasks, tuple(name for name in tasks.names if not missing[name].any()))

    @property
    def complete(self) -> bool:
        """Whether these are all tasks."""
        return self.names == self.tasks.names

    @property
    def scored(self) -> str:
        """The names of these tasks, to be shown; `ALL_TASKS` where it is all."""
        return ALL_TASKS if self.complete else ", ".join(self.names)

    def explain(self) -> str:
        """Say what gold tells, and what it does not."""
        if self.complete:
            return "gold labels tell all tasks"
        unknown = [name for name in self.tasks.names if name not in self.names]
        return f"gold labels tell only {', '.join(self.names)}, not {', '.join(unknown)}"

    @cached_property
    def graph(self) -> TaskGraph:
        """The task graph of the known tasks alone."""
        if self.complete:
            return self.tasks
        known = [task for task in self.tasks.tasks if task.name in self.names]
        parents = {task.name: task.parent if task.parent and task.parent[0] in self.names else None for task in known}
        return TaskGraph(
            [Task(task.name, task.labels, parents[task.name]) for task in known], self.tasks.projections(self.names)
        )

    @cached_property
    def members(self) -> Floats:
        """Which vector of F belongs to which of the known tasks' vectors, 0 or 1, (|F|, |known|)."""
        return np.array([self.tasks.event(self.names, vector) for vector in self.graph.feasible], dtype=np.float64).T

    def gather(self, probabilities: Floats) -> Floats:
        """Sum probabilities over F to the vectors of the known tasks: (n, |F|) to (n, |known|)."""
        return probabilities if self.complete else probabilities @ self.members

    def spread(self, probabilities: Floats) -> Floats:
        """Share each known vector's probability out evenly among its vectors of F: (n, |known|) to (n, |F|)."""
        return probabilities if self.complete else probabilities @ (self.members / self.members.sum(axis=0)).T
