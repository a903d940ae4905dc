"""Figure 4, right: seconds to fit n rows, against the Gibbs sampler of data programming.

Ten binary sources. Ours is timed from the votes (`LabelModel.fit`) and, as "fit alone", from their statistics, which
is what does not depend on n but through the number of distinct rows. The sampler takes one step an example as
published ("Gibbs, one by one"), or one in 64 examples, which numpy takes together ("Gibbs, batches").

Gibbs sampling costs the same in each of its 50 epochs: where all of them would take minutes, fewer are timed (`epochs`
in the records) and the seconds multiplied. Its burn-in is left out, in its favour.

Source: Ratner et al., 2019, figure 4 (right); Ratner et al., 2016 (`metal.baselines.gibbs`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from metal.baselines import GibbsDataProgramming
from metal.experiments.curves import Record, expected_trouble
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel
from metal.statistics import Statistics
from metal.synthetic import random_world
from metal.tasks import TaskGraph

ESTIMATORS = ("wls", "mle")
SAMPLERS = {"Gibbs, one by one": 1, "Gibbs, batches": 64}
EPOCHS = 50
SOURCES = 10
LONGEST = {1: 20_000, 64: 500_000}
"""Rows x epochs that are timed at most, by batch size: about ten seconds of either."""


@dataclass(frozen=True)
class RuntimeTrial:
    """Time everything on n rows; `gibbs` says whether to time the samplers, too."""

    n: int
    repeats: int
    gibbs: bool

    def run(self) -> list[Record]:
        """Return the least `seconds` of the repeats, by run."""
        tasks = TaskGraph.single("label", ("no", "yes"))
        world = random_world(tasks, [["label"]] * SOURCES, seed=0, balance=(0.5, 0.5))
        votes, _ = world.sample(self.n, seed=0)
        statistics = Statistics.of(votes)
        records: list[Record] = []
        for name in ESTIMATORS:
            for given, run in ((votes, name), (statistics, f"{name}, fit alone")):
                seconds = least(self.repeats, partial(fit, name, given))
                records.append({"run": run, "n": self.n, "seconds": seconds, "epochs": 0})
        for run, batch in SAMPLERS.items() if self.gibbs else ():
            epochs = int(np.clip(LONGEST[batch] // self.n, 1, EPOCHS))
            sampler = GibbsDataProgramming(tasks, epochs=epochs, batch_size=batch, burn_in=0)
            seconds = least(1, partial(sampler.fit, votes)) * EPOCHS / epochs
            records.append({"run": run, "n": self.n, "seconds": seconds, "epochs": epochs})
        return records


def fit(estimator: str, given: LabelMatrix | Statistics) -> None:
    """Fit a label model, class balance given as the samplers have it."""
    with expected_trouble():
        LabelModel(given.tasks, estimator=estimator, class_balance=(0.5, 0.5)).fit(given)


def least(repeats: int, work: Callable[[], object]) -> float:
    """Return the least seconds that work took; what else the machine does only adds to them."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def trials_of(sizes: Sequence[int], gibbs_up_to: int, repeats: int) -> list[RuntimeTrial]:
    """List the trials, one a size."""
    return [RuntimeTrial(n, repeats, n <= gibbs_up_to) for n in sorted(sizes)]


def curves(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the `seconds` by `n`."""
    return {"seconds": table[["run", "n", "seconds", "epochs"]]}


def metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return how many times as long each sampler takes as each estimator, by n."""
    seconds = table.pivot_table(index="n", columns="run", values="seconds")
    return {
        f"{sampler} / {name}.{n}": float(seconds.loc[n, sampler] / seconds.loc[n, name])
        for sampler in SAMPLERS
        for name in ESTIMATORS
        for n in seconds.index
        if not np.isnan(seconds.loc[n, sampler])
    }
