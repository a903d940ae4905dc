"""The label model's settings: their names, and what each may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

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
KINDS: tuple[tuple[type, str, tuple[str, ...]], ...] = (
    (
        Real,
        "a number",
        ("shrinkage", "prior_precision", "prior_strength", "vote_correlation", "smoothing", "tolerance"),
    ),
    (Integral, "a whole number", ("max_iterations", "seed", "max_distinct_rows")),
    (bool, "True or False", ("use_abstains", "unipolar_correction")),
)
OPTIONAL = ("shrinkage", "vote_correlation", "max_distinct_rows", "use_abstains")
"""Those that may be None."""


def check_settings(tasks: TaskGraph, dependencies: Any, settings: Mapping[str, Any]) -> None:
    """Raise ValueError or TypeError, naming the setting, unless all are what `LabelModel` says they may be.

    The names in `dependencies` are checked against the votes, by `metal.dependencies.DependencyGraph`.
    """
    if not isinstance(tasks, TaskGraph):
        raise TypeError(f"tasks must be a TaskGraph, e.g. TaskGraph.single('spam', ('no', 'yes')); got {tasks!r}")
    if isinstance(dependencies, str | Mapping) or not isinstance(dependencies, Collection):
        raise TypeError(f"dependencies must be a list of pairs of source names; got {dependencies!r}")
    if settings["estimator"] not in ESTIMATORS:
        raise ValueError(f"unknown estimator {settings['estimator']!r}; known are {list(ESTIMATORS)}")
    if settings["parameterisation"] not in PARAMETERISATIONS:
        raise ValueError(
            f"unknown parameterisation {settings['parameterisation']!r}; known are {list(PARAMETERISATIONS)}"
        )
    for kind, called, names in KINDS:
        for name in names:
            _check_kind(name, settings[name], kind, called)
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
    if settings["seed"] < 0:
        raise ValueError(f"seed must not be negative; got {settings['seed']}")
    most = settings["max_distinct_rows"]
    if most is not None and not most >= 1:
        raise ValueError(f"max_distinct_rows must be at least 1, or None for no limit; got {most}")
    if settings["class_balance"] is not None:
        checked_balance(settings["class_balance"], tasks)


def _check_kind(name: str, value: Any, kind: type, called: str) -> None:
    """Raise TypeError unless a setting is of its kind; a truth value is no number."""
    truth = isinstance(value, bool | np.bool_)
    if (value is None and name in OPTIONAL) or (truth if kind is bool else isinstance(value, kind) and not truth):
        return
    raise TypeError(f"{name} must be {called}{' or None' if name in OPTIONAL else ''}; got {value!r}")
