"""Label models: estimate source accuracies from votes alone, and label with them."""

from metal.label_model.class_balance import counted_balance, uniform_balance
from metal.label_model.model import FitReport, LabelModel, NotConvergedWarning, NotFittedError
from metal.label_model.wls import NotIdentifiableError

__all__ = [
    "FitReport",
    "LabelModel",
    "NotConvergedWarning",
    "NotFittedError",
    "NotIdentifiableError",
    "counted_balance",
    "uniform_balance",
]
