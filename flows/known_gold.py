"""Gold labels as the steps read them, where they may tell only some of the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from flows.artifacts import ArtifactError, read_gold, read_table
from metal.known_tasks import KnownTasks
from metal.tasks import TaskGraph


@dataclass(frozen=True)
class Gold:
    """Gold labels (n,), as positions in the feasible vectors of the tasks that they tell."""

    known: KnownTasks
    labels: npt.NDArray[np.int64]


def read_known_gold(path: Path, tasks: TaskGraph, ids: Sequence[str]) -> Gold:
    """Read the gold labels of ids; a task whose column is missing throughout is not known.

    Raises ArtifactError as `read_gold` does, and for a task that is known of some examples only.
    """
    try:
        known = KnownTasks.of(read_table(path), tasks)
    except ValueError as error:
        raise ArtifactError(f"{path}: {error}") from error
    return Gold(known, read_gold(path, known.graph, ids))
