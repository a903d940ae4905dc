"""Tasks and task graphs: which label vectors are possible (section 3 of the paper).

A *task* has named labels. A *task graph* is a tuple of tasks together with the **feasible set** F of
label vectors, one entry a task. In a hierarchy a task applies only where its parent task has a certain
label; elsewhere its entry is `NOT_APPLICABLE`, which is a label value like any other.

Source: Ratner et al., "Training Complex Models with Multi-Task Weak Supervision", AAAI 2019, section 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

NOT_APPLICABLE = "N/A"
"""The label of a task that does not apply, e.g. the kind of doctor for an organization."""

LabelVector = tuple[str, ...]


def _labels(task: str, labels: Sequence[str]) -> tuple[str, ...]:
    # A string is a sequence too, of its letters.
    if isinstance(labels, str):
        raise ValueError(f"task {task!r} needs a tuple of labels, not the string {labels!r}; write ({labels!r},)")
    return tuple(labels)


@dataclass(frozen=True)
class Task:
    """A classification task: its labels, and where in a hierarchy it applies.

    `parent` is (parent task, parent label): the task applies where the parent task has that label.
    Raises ValueError for labels that are none, no strings, doubled, one string, or `NOT_APPLICABLE`.
    """

    name: str
    labels: tuple[str, ...]
    parent: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a task needs a name")
        object.__setattr__(self, "labels", _labels(self.name, self.labels))
        if not self.labels:
            raise ValueError(f"task {self.name!r} needs a tuple of at least one label")
        for label in (self.name, *self.labels):
            if not isinstance(label, str):
                raise ValueError(f"task {self.name!r}: names and labels must be strings; got {label!r}")
        if NOT_APPLICABLE in self.labels:
            raise ValueError(
                f"task {self.name!r} lists the label {NOT_APPLICABLE!r}, which means that a task does not apply; "
                "name the label otherwise, or say with `parent` where the task applies"
            )
        duplicates = sorted({label for label in self.labels if self.labels.count(label) > 1})
        if duplicates:
            raise ValueError(f"task {self.name!r} lists the labels {duplicates} more than once")


class TaskGraph:
    """Tasks and their feasible label vectors.

    Parameters
    ----------
    tasks : the tasks, in the order of the entries of a label vector
    feasible : the label vectors that can occur, in the order used by every (n, |F|) array

    Attributes
    ----------
    tasks : tuple of Task
    feasible : tuple of label vectors (tuples of label names)

    Raises ValueError for doubled task names, unknown labels, doubled vectors and an empty feasible set.
    """

    def __init__(self, tasks: Sequence[Task], feasible: Iterable[Sequence[str]]) -> None:
        self.tasks = tuple(tasks)
        self.feasible: tuple[LabelVector, ...] = tuple(tuple(vector) for vector in feasible)
        names = [task.name for task in self.tasks]
        if not names:
            raise ValueError("a task graph needs at least one task")
        if len(set(names)) != len(names):
            raise ValueError(f"task names must differ; got {names}")
        if not self.feasible:
            raise ValueError("the feasible set is empty: no label vector can occur")
        if len(set(self.feasible)) != len(self.feasible):
            raise ValueError("the feasible set lists a label vector twice")
        for vector in self.feasible:
            if len(vector) != len(self.tasks):
                raise ValueError(f"label vector {vector} has {len(vector)} entries for {len(self.tasks)} tasks {names}")
            for task, label in zip(self.tasks, vector, strict=True):
                if label not in task.labels and label != NOT_APPLICABLE:
                    raise ValueError(f"label vector {vector}: task {task.name!r} has no label {label!r}")

    @classmethod
    def hierarchy(cls, *tasks: Task) -> TaskGraph:
        """Build the task graph of a tree (or forest) of tasks: children apply under one parent label.

        Raises ValueError for an unknown parent task or label, and for parents that form a cycle.
        """
        by_name = {task.name: task for task in tasks}
        for task in tasks:
            if task.parent is None:
                continue
            parent, label = task.parent
            if parent not in by_name:
                raise ValueError(f"task {task.name!r}: parent task {parent!r} is not among {sorted(by_name)}")
            if label not in by_name[parent].labels:
                raise ValueError(f"task {task.name!r}: parent task {parent!r} has no label {label!r}")
            ancestor, seen = by_name[parent], {task.name}
            while ancestor.parent is not None and ancestor.name not in seen:
                seen.add(ancestor.name)
                ancestor = by_name[ancestor.parent[0]]
            if ancestor.name in seen:
                raise ValueError(f"task {task.name!r} is its own ancestor; a hierarchy has no cycles")

        def possible(vector: LabelVector) -> bool:
            value = dict(zip(by_name, vector, strict=True))
            return all(
                (value[task.name] != NOT_APPLICABLE) == (task.parent is None or value[task.parent[0]] == task.parent[1])
                for task in tasks
            )

        choices = [(*task.labels, *(() if task.parent is None else (NOT_APPLICABLE,))) for task in tasks]
        return cls(tasks, [vector for vector in product(*choices) if possible(vector)])

    @classmethod
    def independent(cls, *tasks: Task) -> TaskGraph:
        """Build the task graph in which every combination of labels is feasible."""
        return cls(tasks, product(*(task.labels for task in tasks)))

    @classmethod
    def single(cls, name: str, labels: Sequence[str]) -> TaskGraph:
        """Build the graph of one task: F is its labels."""
        return cls.independent(Task(name, _labels(name, labels)))

    def to_dict(self) -> dict[str, Any]:
        """Return the task graph as JSON can hold it."""
        return {
            "tasks": [
                {"name": task.name, "labels": list(task.labels), "parent": list(task.parent) if task.parent else None}
                for task in self.tasks
            ],
            "feasible": [list(vector) for vector in self.feasible],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> TaskGraph:
        """Return the task graph that `to_dict` took."""
        tasks = [
            Task(task["name"], tuple(task["labels"]), tuple(task["parent"]) if task["parent"] else None)
            for task in content["tasks"]
        ]
        return cls(tasks, content["feasible"])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the tasks, in order."""
        return tuple(task.name for task in self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TaskGraph) and (self.tasks, self.feasible) == (other.tasks, other.feasible)

    def __hash__(self) -> int:
        return hash((self.tasks, self.feasible))

    def __repr__(self) -> str:
        return f"TaskGraph(tasks={list(self.names)}, {len(self.feasible)} feasible label vectors)"

    def position(self, task: str) -> int:
        """Return the position of a task by name. Raises ValueError with the known names."""
        if task not in self.names:
            raise ValueError(f"unknown task {task!r}; the tasks are {list(self.names)}")
        return self.names.index(task)

    def values(self, task: str) -> tuple[str, ...]:
        """Return the values a task takes over F: its labels in order, then N/A where it can be."""
        position = self.position(task)
        taken = {vector[position] for vector in self.feasible}
        return tuple(label for label in (*self.tasks[position].labels, NOT_APPLICABLE) if label in taken)

    def project(self, vector: Sequence[str], tasks: Sequence[str]) -> LabelVector:
        """Return the entries of a label vector for the given tasks."""
        return tuple(vector[self.position(task)] for task in tasks)

    def projections(self, tasks: Sequence[str]) -> tuple[LabelVector, ...]:
        """Return the distinct projections of F on the given tasks, in the order of F."""
        return tuple(dict.fromkeys(self.project(vector, tasks) for vector in self.feasible))

    def event(self, tasks: Sequence[str], label: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return e_l = {y in F : y agrees with `label` on `tasks`} as a mask, shape (|F|,).

        A coarse vote is such a set of feasible vectors; it counts once, never once per member.
        """
        wanted = tuple(label)
        return np.array([self.project(vector, tasks) == wanted for vector in self.feasible])

    def index(self, vector: Sequence[str]) -> int:
        """Return the position of a label vector in F. Raises ValueError if it is not feasible."""
        wanted = tuple(vector)
        if wanted not in self.feasible:
            raise ValueError(f"label vector {wanted} is not feasible; feasible are {list(self.feasible)}")
        return self.feasible.index(wanted)

    def task_codes(self, task: str) -> npt.NDArray[np.int64]:
        """Return for each feasible vector the index of its value in `values(task)`, shape (|F|,)."""
        position, values = self.position(task), self.values(task)
        return np.array([values.index(vector[position]) for vector in self.feasible], dtype=np.int64)

    def choices(self, task: str) -> tuple[str, ...]:
        """Return the labels to choose among for a task, given that it applies.

        Where a task's parent alone says whether it applies, N/A is no choice; in any other feasible set in
        which N/A occurs, it is a value like the others.
        """
        position, values = self.position(task), self.values(task)
        parent = self.tasks[position].parent
        if parent is None:
            return values
        above = self.position(parent[0])
        decided = all((vector[position] != NOT_APPLICABLE) == (vector[above] == parent[1]) for vector in self.feasible)
        return tuple(value for value in values if value != NOT_APPLICABLE) if decided else values

    def memberships(self) -> list[npt.NDArray[np.float64]]:
        """Return for each task which feasible vector makes which choice, (|F|, len(choices(task))).

        A row is zero where the task does not apply: `labels @ membership`, labels over F, sums to the
        probability that it applies.
        """
        return [
            np.array([[float(vector[position] == choice) for choice in self.choices(task)] for vector in self.feasible])
            for position, task in enumerate(self.names)
        ]

    def marginal(self, probabilities: npt.NDArray[np.float64], task: str) -> npt.NDArray[np.float64]:
        """Sum probabilities over F to a task's values: (n, |F|) to (n, len(values(task)))."""
        membership = np.eye(len(self.values(task)))[self.task_codes(task)]
        return probabilities @ membership

    @cached_property
    def vector_names(self) -> tuple[str, ...]:
        """A short readable name of each feasible vector, in order; no two are the same, so they may be keys.

        A vector is called by its deepest applicable labels; where that could mean another vector too, these are
        qualified by their tasks ("b=yes"), or all entries are given. Raises ValueError where not even that tells
        two vectors apart, as with a label "x & b=y".
        """
        parents = {task.parent for task in self.tasks if task.parent is not None}
        choices: list[tuple[str, ...]] = []  # by vector, the shortest name first
        for vector in self.feasible:
            entries = [(task.name, label) for task, label in zip(self.tasks, vector, strict=True)]
            deepest = [entry for entry in entries if entry[1] != NOT_APPLICABLE and entry not in parents] or entries
            qualified, whole = (" & ".join(f"{task}={label}" for task, label in part) for part in (deepest, entries))
            choices.append((" & ".join(label for _, label in deepest), qualified, whole))
        # A name that may stand for two vectors is given to neither.
        taken = Counter(name for names in choices for name in set(names))
        names = [next((name for name in among if taken[name] == 1), None) for among in choices]
        if None in names:
            vector = self.feasible[names.index(None)]
            raise ValueError(f"label vector {vector} cannot be told from another by name; labels must not hold ' & '")
        return tuple(name for name in names if name is not None)

    def name_of(self, vector: Sequence[str]) -> str:
        """Return the name of a feasible vector among `vector_names`. Raises ValueError if it is not feasible."""
        return self.vector_names[self.index(vector)]
