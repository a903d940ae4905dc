"""Figure 4, left: the error of the estimated accuracies falls like n^-1/2 with the number of unlabeled examples.

Nine class-conditional sources over the hierarchy of the paper's Figure 2, three on each of its tasks, class balance
given. The line that no estimator without bias goes below is the Cramér-Rao bound, sqrt(tr I^-1 / n) of the accuracies,
from the Fisher information I of a row at the exact population.

Source: Ratner et al., 2019, figure 4 (left) and theorem 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metal.evaluation import mean_interval
from metal.experiments.curves import Record, curve, error_of, expected_trouble
from metal.label_model import LabelModel
from metal.synthetic import World, random_world
from metal.tasks import Task, TaskGraph

ESTIMATORS = ("algorithm1", "wls", "mle")
BOUND = "Cramér–Rao bound"
FIGURE_2 = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)


def world_of(seed: int) -> World:
    """Return the world of a seed: the same one for every n."""
    return random_world(FIGURE_2, [[task] for task in FIGURE_2.names for _ in range(3)], seed=seed)


@dataclass(frozen=True)
class ErrorTrial:
    """Fit every estimator on n rows of a world."""

    n: int
    seed: int

    def run(self) -> list[Record]:
        """Return the `error` by estimator (`run`)."""
        world = world_of(self.seed)
        votes, _ = world.sample(self.n, seed=self.seed)
        records: list[Record] = []
        for name in ESTIMATORS:
            model = LabelModel(FIGURE_2, estimator=name, class_balance=world.balance, parameterisation="tied")
            with expected_trouble():
                error = error_of(model.fit(votes).accuracies_, world)
            records.append({"run": name, "n": self.n, "seed": self.seed, "error": error})
        return records


@dataclass(frozen=True)
class BoundTrial:
    """The Cramér-Rao bound of a world, at every n."""

    sizes: tuple[int, ...]
    seed: int

    def run(self) -> list[Record]:
        """Return the `error` that the bound allows, by n."""
        world = world_of(self.seed)
        population = world.population()
        model = LabelModel(
            FIGURE_2,
            estimator="mle",
            class_balance=world.balance,
            parameterisation="tied",
            smoothing=0.0,  # of counts that sum to one, any would be much
        )
        with expected_trouble():
            found = model.fit(population).uncertainty(population)
        once = np.array(list(found.standard_errors(1).values()))
        error = float(np.sqrt(np.mean(once**2)))
        return [{"run": BOUND, "n": n, "seed": self.seed, "error": error / n**0.5} for n in self.sizes]


def trials_of(sizes: Sequence[int], trials: int) -> list[ErrorTrial | BoundTrial]:
    """List the trials: `trials` worlds at every size, the costly ones first."""
    bounds = [BoundTrial(tuple(sizes), seed) for seed in range(trials)]
    return [*bounds, *(ErrorTrial(n, seed) for n in sorted(sizes, reverse=True) for seed in range(trials))]


def curves(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the root mean square `error` by `n`."""
    return {"error": curve(table, "n", "error", root=True)}


def metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return each estimator's slope on log-log axes, mean over worlds with its 95% interval, and its excess error.

    The excess is the ratio of the root mean square error to the Cramér-Rao bound at the largest n.
    """
    found: dict[str, float] = {}
    largest = table["n"].max()
    last = table[table["n"] == largest].groupby("run")["error"].apply(lambda errors: float(np.sqrt((errors**2).mean())))
    for name in ESTIMATORS:
        rows = table[table["run"] == name].pivot_table(index="seed", columns="n", values="error")
        slopes = np.polyfit(np.log(rows.columns.to_numpy(dtype=np.float64)), np.log(rows.to_numpy().T), 1)[0]
        mean, low, high = mean_interval(slopes)
        found |= {f"{name}.slope": mean, f"{name}.slope_low": low, f"{name}.slope_high": high}
        found[f"{name}.excess"] = last[name] / last[BOUND]
    return found
