"""Multi-task weak supervision: labeling functions in, probabilistic labels and a multi-task model out."""

from metal.baselines import DataProgramming, MajorityVote
from metal.identifiability import IdentifiabilityReport, check_identifiability
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.label_model import LabelModel
from metal.sources import Source, SourceError, apply_sources, declare, labeling_function
from metal.statistics import Statistics
from metal.tasks import NOT_APPLICABLE, Task, TaskGraph

__all__ = [
    "NOT_APPLICABLE",
    "DataProgramming",
    "IdentifiabilityReport",
    "LabelMatrix",
    "LabelModel",
    "LabelSpace",
    "MajorityVote",
    "Source",
    "SourceError",
    "Statistics",
    "Task",
    "TaskGraph",
    "apply_sources",
    "check_identifiability",
    "declare",
    "labeling_function",
]
