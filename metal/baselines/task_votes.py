"""What a vote says about one task: its projection.

A vote for label l holds exactly on the event e_l. It is a vote for a value of a task if every feasible
vector of e_l has that value, whether or not the source covers the task: "Urgent" implies "Acute", and
"Acute" implies that the task below "Non-Acute" does not apply (N/A). These are the labels that the task
structure implies (Ratner et al., 2019, section 3, figure 2). A vote that leaves several values
open says nothing single about the task, and counts as an abstain there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.label_matrix import ABSTAIN, LabelMatrix, LabelSpace
from metal.tasks import NOT_APPLICABLE, Task, TaskGraph


def implied_codes(votes: LabelMatrix, task: str) -> npt.NDArray[np.int64]:
    """Return what each vote says about a task: 0 nothing, c the c-th of `tasks.values(task)`; shape (n, m)."""
    codes = votes.tasks.task_codes(task)
    result = np.zeros(votes.shape, dtype=np.int64)
    for column, space in enumerate(votes.spaces):
        said = [ABSTAIN]
        for event in space.events(votes.tasks):
            values = np.unique(codes[event])
            said.append(int(values[0]) + 1 if len(values) == 1 else ABSTAIN)
        result[:, column] = np.array(said)[votes.codes[:, column]]
    return result


def task_votes(votes: LabelMatrix, task: str) -> LabelMatrix:
    """Return the votes on one task alone, over a graph of that task whose labels include N/A where it can be.

    Sources keep their columns and may emit the values that their labels imply; one that implies none
    keeps the whole label space and never votes.
    """
    values = votes.tasks.values(task)
    single = TaskGraph([Task(task, tuple(v for v in values if v != NOT_APPLICABLE))], [(value,) for value in values])
    spaces = [LabelSpace(name, (task,), single.feasible) for name in votes.names]
    return LabelMatrix(implied_codes(votes, task), spaces, single)
