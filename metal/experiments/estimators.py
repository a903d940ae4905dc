"""Which estimator when: label accuracy below the Bayes-optimal one, by estimator and by what the votes are like.

Every estimator gets the votes and, where a setting says so, the dependencies; none is told the class balance.
The Bayes-optimal labels are those of the true model (`World.posterior`), which no estimator can beat but by luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from metal.baselines import MajorityVote
from metal.evaluation import micro_accuracy
from metal.experiments.curves import Record, curve, expected_trouble
from metal.experiments.error import FIGURE_2
from metal.label_model import LabelModel, NotIdentifiableError
from metal.synthetic import World, copying_world, random_world, unipolar_world
from metal.tasks import TaskGraph

MAJORITY = "majority vote"
ESTIMATORS: Mapping[str, Mapping[str, Any]] = {
    "map": {},
    "mle, proj": {"estimator": "mle"},
    "mle, tied": {"estimator": "mle", "parameterisation": "tied"},
    "mle, full": {"estimator": "mle", "parameterisation": "full"},
    "wls": {"estimator": "wls"},
    "algorithm1": {"estimator": "algorithm1"},
}
"""The settings of `LabelModel` by the name that figures give them."""
BINARY = TaskGraph.single("label", ("no", "yes"))


def hierarchical(kind: str) -> Callable[[int], World]:
    """Return the drawing of fifteen sources over the hierarchy of Figure 2, five on each task."""
    covered = [[task] for task in FIGURE_2.names for _ in range(5)]
    return lambda seed: random_world(FIGURE_2, covered, seed=seed, kind=kind)


SETTINGS: Mapping[str, tuple[Callable[[int], World], bool]] = {
    "independent, binary": (lambda seed: random_world(BINARY, [["label"]] * 10, seed=seed), True),
    "unipolar, 30/70": (lambda seed: unipolar_world((0.3, 0.7), seed=seed), True),
    "six copied pairs, declared": (lambda seed: copying_world([2] * 6, seed=seed), True),
    "six copied pairs, not declared": (lambda seed: copying_world([2] * 6, seed=seed), False),
    "star of seven, declared": (lambda seed: copying_world([7], seed=seed), True),
    "star of seven, not declared": (lambda seed: copying_world([7], seed=seed), False),
    "hierarchy, class-conditional": (hierarchical("tied"), True),
    "hierarchy, confusion matrices": (hierarchical("proj"), True),
}
"""How a world is drawn, and whether its dependencies are declared, by the name of the setting."""


@dataclass(frozen=True)
class EstimatorTrial:
    """Label n rows of a world by every estimator."""

    setting: str
    n: int
    seed: int

    def run(self) -> list[Record]:
        """Return the `gap` to Bayes by estimator; NaN where one finds the accuracies undetermined."""
        draw, declared = SETTINGS[self.setting]
        world = draw(self.seed)
        votes, gold = world.sample(self.n, seed=self.seed)
        best = micro_accuracy(world.posterior(votes.codes), gold)
        gaps = {MAJORITY: best - micro_accuracy(MajorityVote(world.tasks).predict_proba(votes), gold)}
        for name, settings in ESTIMATORS.items():
            model = LabelModel(world.tasks, world.dependencies if declared else (), **settings)
            try:
                with expected_trouble():
                    model.fit(votes)
                gaps[name] = best - micro_accuracy(model.predict_proba(votes), gold)
            except NotIdentifiableError:
                gaps[name] = float("nan")
        return [{"run": run, "setting": self.setting, "seed": self.seed, "gap": gap} for run, gap in gaps.items()]


def trials_of(rows: int, trials: int) -> list[EstimatorTrial]:
    """List the trials: `trials` worlds of every setting."""
    return [EstimatorTrial(setting, rows, seed) for setting in SETTINGS for seed in range(trials)]


def curves(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the mean `gap` by `setting`, where every trial was determined."""
    return {"gap": curve(table, "setting", "gap", complete=True)}


def metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return the mean gap of each estimator in each setting."""
    rows = curves(table)["gap"].to_dict(orient="records")
    return {f"{row['setting']}.{row['run']}": float(row["gap"]) for row in rows}
