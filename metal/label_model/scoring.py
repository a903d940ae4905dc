"""Scores of probabilistic labels against gold, higher is better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from metal.evaluation import macro_f1, micro_accuracy, negative_log_likelihood
from metal.label_model.emissions import Floats

METRICS: dict[str, Callable[[Floats, npt.NDArray[np.int64]], float]] = {
    "accuracy": micro_accuracy,
    "macro_f1": macro_f1,
    "log_likelihood": lambda probabilities, gold: -negative_log_likelihood(probabilities, gold),
}


def score(probabilities: Floats, gold: npt.NDArray[np.int64], metric: str) -> float:
    """Score probabilities (n, |F|) against gold indices (n,). Raises ValueError for an unknown metric."""
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}; known are {list(METRICS)}")
    return METRICS[metric](probabilities, gold)
