"""Multi-task weak supervision: labeling functions in, probabilistic labels and a multi-task model out."""

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.sources import Source, SourceError, apply_sources, labeling_function
from metal.tasks import NOT_APPLICABLE, Task, TaskGraph

__all__ = [
    "NOT_APPLICABLE",
    "LabelMatrix",
    "LabelSpace",
    "Source",
    "SourceError",
    "Task",
    "TaskGraph",
    "apply_sources",
    "labeling_function",
]
