"""Label models: estimate source accuracies from votes alone, and label with them."""

from metal.label_model.class_balance import counted_balance, rectified_balance, uniform_balance
from metal.label_model.model import LabelModel
from metal.label_model.moments import NotIdentifiableError
from metal.label_model.planning import Plan, plan
from metal.label_model.report import (
    FitReport,
    NotConvergedWarning,
    NotFittedError,
    OneSidedVotesWarning,
    PoorFitWarning,
)
from metal.label_model.residuals import SuspectedDependencyWarning, residual_dependencies
from metal.label_model.storage import ModelFileError
from metal.label_model.structure import StructureSuggestion, suggest_structure
from metal.label_model.tuning import Score, Tuning, select, tune

__all__ = [
    "FitReport",
    "LabelModel",
    "ModelFileError",
    "NotConvergedWarning",
    "NotFittedError",
    "NotIdentifiableError",
    "OneSidedVotesWarning",
    "Plan",
    "PoorFitWarning",
    "Score",
    "StructureSuggestion",
    "SuspectedDependencyWarning",
    "Tuning",
    "counted_balance",
    "plan",
    "rectified_balance",
    "residual_dependencies",
    "select",
    "suggest_structure",
    "tune",
    "uniform_balance",
]
