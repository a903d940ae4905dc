"""Figure 4, middle: with G_source declared the accuracies are recovered; ignored, the error grows with its density.

Binary worlds in which some groups of four sources are an original and three copies. `naive` takes all sources for
conditionally independent, `ours` is told the edges.

Source: Ratner et al., 2019, figure 4 (middle).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from metal.evaluation import micro_accuracy
from metal.experiments.curves import Record, curve, error_of, expected_trouble
from metal.label_model import LabelModel
from metal.synthetic import copying_world

ESTIMATORS = ("wls", "mle")
GROUP = 4
"""Sources in a group; it has one edge fewer."""
RATE = 0.8
"""How often a copy repeats its original."""


@dataclass(frozen=True)
class DependencyTrial:
    """Fit with and without the edges of a world with a number of dependent groups."""

    groups: int
    n: int
    sources: int
    seed: int

    def run(self) -> list[Record]:
        """Return the `error` of the accuracies and the label accuracy's `gap` to Bayes, by estimator and treatment."""
        world = copying_world([GROUP] * self.groups, seed=self.seed, m=self.sources, rate=RATE)
        votes, gold = world.sample(self.n, seed=self.seed)
        best = micro_accuracy(world.posterior(votes.codes), gold)
        records: list[Record] = []
        for name in ESTIMATORS:
            for treatment, edges in (("naive", ()), ("ours", world.dependencies)):
                model = LabelModel(world.tasks, edges, estimator=name, class_balance=world.balance)
                with expected_trouble():
                    model.fit(votes)
                records.append(
                    {
                        "run": f"{name}, {treatment}",
                        "edges": len(world.dependencies),
                        "seed": self.seed,
                        "error": error_of(model.accuracies_, world),
                        "gap": best - micro_accuracy(model.predict_proba(votes), gold),
                    }
                )
        return records


def trials_of(rows: int, sources: int, trials: int) -> list[DependencyTrial]:
    """List the trials: `trials` worlds for every number of groups that leaves three independent ones."""
    most = (sources - 2) // GROUP
    return [DependencyTrial(groups, rows, sources, seed) for groups in range(most + 1) for seed in range(trials)]


def curves(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the root mean square `error` of the accuracies and the mean `gap` of the labels, by `edges`."""
    return {"error": curve(table, "edges", "error", root=True), "gap": curve(table, "edges", "gap")}


def metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return error and gap of each run at the most edges."""
    densest = table[table["edges"] == table["edges"].max()]
    found: dict[str, float] = {"edges": float(table["edges"].max())}
    for score, rows in curves(densest).items():
        found |= {f"{run}.{score}": float(value) for run, value in zip(rows["run"], rows[score], strict=True)}
    return found
