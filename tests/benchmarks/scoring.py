"""Accuracies in one world: `python -m tests.benchmarks.scoring WORLD SEED N RESULT`.

Every method labels the rows that it learned from, as label models do; none but the oracle sees more than the votes.
Peers know one task of disjoint labels: they get each task's votes by themselves, and their labels of the tasks
are put together to a vector, which may be infeasible and is then wrong.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from metal import LabelMatrix, LabelModel, MajorityVote
from metal.baselines import WeightedMajorityVote
from metal.baselines.task_votes import task_votes
from metal.label_model import NotIdentifiableError, SuspectedDependencyWarning
from metal.synthetic import World
from tests.benchmarks.children import write_result
from tests.benchmarks.systems import Codes, DawidSkene, Labels, Ours, Snorkel, System
from tests.benchmarks.worlds import WORLDS

Floats = npt.NDArray[np.float64]
Make = Callable[[Codes, Floats, int], System]
"""Make a system from the votes on one task, the true balance of the task's values, and a seed."""
PEERS: Mapping[str, Make] = {
    "snorkel": lambda codes, balance, seed: Snorkel(codes, len(balance), None, seed),
    "snorkel, told balance": lambda codes, balance, seed: Snorkel(codes, len(balance), balance, seed),
    "crowd-kit": lambda codes, balance, seed: DawidSkene(codes),
}
ESTIMATORS = {"map": "ours", "mle": "ours, mle", "wls": "ours, wls"}
TOLD = ", told dependencies"


def score(world: World, n: int, seed: int, *, peers: bool = True) -> dict[str, float | str]:
    """Return the accuracy of every method, or why there is none.

    peers : whether to score those that are installed, too

    Besides, "infeasible: METHOD" is a share of rows, and "suspected" the warning of ours that is told nothing.
    """
    votes, gold = world.sample(n, seed + 100)  # other draws than those of the world
    majority = MajorityVote(world.tasks, winner_takes_all=True).predict_proba(votes)
    best = majority >= majority.max(axis=1, keepdims=True) - 1e-9
    result: dict[str, float | str] = {
        "oracle": float((world.posterior(votes.codes).argmax(axis=1) == gold).mean()),
        # Ties are drawn for: a row counts by the chance that its gold wins.
        "majority vote": float((best[np.arange(n), gold] / best.sum(axis=1)).mean()),
        "weighted majority": accuracy(WeightedMajorityVote(world.tasks).fit(votes).predict_proba(votes), gold),
        "suspected": "",
    }
    for estimator, name in ESTIMATORS.items():
        for told in (False, True) if world.dependencies else (False,):
            model = LabelModel(world.tasks, world.dependencies if told else (), estimator=estimator)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", SuspectedDependencyWarning)
                try:
                    result[name + TOLD * told] = accuracy(model.fit(votes).predict_proba(votes), gold)
                except NotIdentifiableError as error:
                    result[name + TOLD * told] = f"refused: {error}"
            if (estimator, told) == ("map", False):
                said = [str(one.message) for one in caught if one.category is SuspectedDependencyWarning]
                result["suspected"] = " ".join(said)
    alone: dict[str, Make] = {name: make for name, make in PEERS.items() if peers and installed(name)}
    if len(world.tasks.names) > 1:
        alone["ours, task by task"] = lambda codes, balance, seed: Ours(codes, len(balance), "mle")
    for name, make in alone.items():
        labels = task_by_task(world, votes, make, seed)
        result[name] = float((labels == gold).mean())
        if len(world.tasks.names) > 1:
            result[f"infeasible: {name}"] = float((labels < 0).mean())
    return result


def installed(peer: str) -> bool:
    """Say whether a peer's package is there."""
    return importlib.util.find_spec("crowdkit" if peer == "crowd-kit" else "snorkel") is not None


def accuracy(probabilities: Floats, gold: Labels) -> float:
    """Return the share of rows whose likeliest feasible vector is gold."""
    return float((probabilities.argmax(axis=1) == gold).mean())


def task_by_task(world: World, votes: LabelMatrix, make: Make, seed: int) -> Labels:
    """Return the index into F of the vector that the labels of the single tasks make; -1 if infeasible, (n,)."""
    chosen = []
    for task in world.tasks.names:
        system = make(task_votes(votes, task).codes, world.tasks.marginal(world.balance[None], task)[0], seed)
        system.fit()
        chosen.append(system.predict())
    result = np.full(len(votes), -1, dtype=np.int64)
    codes = np.stack([world.tasks.task_codes(task) for task in world.tasks.names], axis=1)
    for position, vector in enumerate(codes):
        result[(np.stack(chosen, axis=1) == vector).all(axis=1)] = position
    return result


def main() -> None:
    """Score what the arguments name."""
    name, seed, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    write_result(sys.argv[4], score(WORLDS[name](seed), n, seed))


if __name__ == "__main__":
    main()
