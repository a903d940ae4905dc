"""The label model's settings: their names, and what each may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from metal.label_model.class_balance import checked_balance
from metal.label_model.estimators import ESTIMATORS
from metal.label_model.likelihood import PARAMETERISATIONS
from metal.tasks import TaskGraph

SETTINGS = (
    "estimator",
    "class_balance",
    "use_abstains",
    "shrinkage",
    "prior_precision",
    "prior_strength",
    "vote_correlation",
    "unipolar_correction",
    "parameterisation",
    "smoothing",
    "max_iterations",
    "tolerance",
    "seed",
    "max_distinct_rows",
)
"""The keyword arguments of `LabelModel`, each an attribute of the same name."""
NOT_THE_ESTIMATORS = ("estimator", "class_balance", "max_distinct_rows")
"""Those that no estimator takes as they are."""


def check_settings(tasks: TaskGraph, dependencies: Any, settings: Mapping[str, Any]) -> None:
    """Raise ValueError or TypeError, naming the setting, unless all are what `LabelModel` says they may be.

    The names in `dependencies` are checked against the votes, by `metal.dependencies.DependencyGraph`.
    """
    if not isinstance(tasks, TaskGraph):
        raise TypeError(f"tasks must be a TaskGraph, e.g. TaskGraph.single('spam', ('no', 'yes')); got {tasks!r}")
    if isinstance(dependencies, str) or not isinstance(dependencies, Collection):
        raise TypeError(f"dependencies must be a list of pairs of source names; got {dependencies!r}")
    if settings["estimator"] not in ESTIMATORS:
        raise ValueError(f"unknown estimator {settings['estimator']!r}; known are {list(ESTIMATORS)}")
    if settings["parameterisation"] not in PARAMETERISATIONS:
        raise ValueError(
            f"unknown parameterisation {settings['parameterisation']!r}; known are {list(PARAMETERISATIONS)}"
        )
    shrinkage, precision = settings["shrinkage"], settings["prior_precision"]
    if shrinkage is not None and not 0 <= shrinkage <= 1:
        raise ValueError(f"shrinkage must lie in [0, 1]; got {shrinkage}")
    correlation = settings["vote_correlation"]
    if correlation is not None and not 0 <= correlation <= 1:
        raise ValueError(f"vote_correlation must lie in [0, 1]; got {correlation}")
    if not 0.5 < precision < 1:
        raise ValueError(f"prior_precision must lie in (.5, 1), better than chance; got {precision}")
    strength, smoothing = settings["prior_strength"], settings["smoothing"]
    if not 0 <= strength < float("inf") or not 0 <= smoothing < float("inf"):
        raise ValueError(f"prior_strength and smoothing must not be negative or infinite; got {strength}, {smoothing}")
    if not settings["unipolar_correction"] and settings["estimator"] != "map":
        raise ValueError(f"unipolar_correction=False is of 'map' alone; the estimator is {settings['estimator']!r}")
    iterations, tolerance = settings["max_iterations"], settings["tolerance"]
    if not iterations >= 1 or not 0 < tolerance < float("inf"):
        raise ValueError(f"max_iterations must be at least 1 and tolerance positive; got {iterations}, {tolerance}")
    most = settings["max_distinct_rows"]
    if most is not None and not most >= 1:
        raise ValueError(f"max_distinct_rows must be at least 1, or None for no limit; got {most}")
    if settings["class_balance"] is not None:
        checked_balance(settings["class_balance"], tasks)
