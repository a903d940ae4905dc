"""Where G_source is unknown: precision and recall of suggested edges, and what superfluous ones cost.

Twelve binary sources, six independent and six or more dependent in one of three shapes: three copied pairs, a tree of
six in which each source copies an earlier one, and a clique of four that all copy a source which nobody sees.

Superfluous edges are added to the true ones of three copied pairs, the same for every estimator, more of them each
time: the cost of over-specification in label accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from metal.baselines import MajorityVote
from metal.evaluation import micro_accuracy
from metal.experiments.curves import Record, curve, expected_trouble
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel, NotIdentifiableError, suggest_structure
from metal.synthetic import World, copying_world

METHODS = ("robust_pca", "likelihood")
SHAPES = ("pairs", "tree", "clique")
ESTIMATORS = ("map", "mle", "wls")
SOURCES = 12
RATE = {"pairs": 0.4, "tree": 0.4, "clique": 0.7}
"""How often a copy repeats its original; two of the clique then both do .49 of the time."""


def drawn(shape: str, n: int, seed: int) -> tuple[LabelMatrix, set[frozenset[str]]]:
    """Draw votes of twelve sources with dependencies of a shape; return them with the edges of G_source."""
    hidden = f"source_{SOURCES}"
    base = copying_world([], seed=seed, m=SOURCES + 1)
    random = np.random.default_rng(seed)
    if shape == "pairs":
        parents = {1: 0, 3: 2, 5: 4}
    elif shape == "tree":
        parents = {child: int(random.integers(child)) for child in range(1, 6)}
    else:
        parents = dict.fromkeys(range(4), SOURCES)
    copies = {f"source_{child}": (f"source_{parent}", RATE[shape]) for child, parent in parents.items()}
    world = World(base.tasks, base.spaces, base.tables, base.balance, copies)
    votes, _ = world.sample(n, seed=seed)
    # Given Y, all that copy the hidden source depend on each other.
    pairs = combinations(copies, 2) if shape == "clique" else world.dependencies
    assert shape != "clique" or all(parent == hidden for parent, _ in copies.values())
    return LabelMatrix(votes.codes[:, :SOURCES], votes.spaces[:SOURCES], votes.tasks), {frozenset(p) for p in pairs}


@dataclass(frozen=True)
class SuggestionTrial:
    """Let a method suggest the edges of a drawn graph from n rows."""

    method: str
    shape: str
    n: int
    seed: int

    def run(self) -> list[Record]:
        """Return `precision` (NaN where nothing is suggested) and `recall`."""
        votes, truth = drawn(self.shape, self.n, self.seed)
        found = {frozenset(edge) for edge in suggest_structure(votes, method=self.method).dependencies}
        hits = len(found & truth)
        return [
            {
                "run": f"{self.method}, {self.shape}",
                "n": self.n,
                "seed": self.seed,
                "precision": hits / len(found) if found else np.nan,
                "recall": hits / len(truth),
            }
        ]


@dataclass(frozen=True)
class SuperfluousTrial:
    """Declare three true edges and a number of others that there are not."""

    superfluous: int
    n: int
    seed: int

    def run(self) -> list[Record]:
        """Return the label accuracy's `gap` to Bayes; NaN where an estimator finds the accuracies undetermined."""
        world = copying_world([2, 2, 2], seed=self.seed, m=SOURCES)
        votes, gold = world.sample(self.n, seed=self.seed)
        absent = [pair for pair in combinations(votes.names, 2) if pair not in world.dependencies]
        # The first of one order, so that more edges contain fewer.
        chosen = np.random.default_rng(self.seed).permutation(len(absent))[: self.superfluous]
        edges = [*world.dependencies, *(absent[i] for i in chosen)]
        best = micro_accuracy(world.posterior(votes.codes), gold)
        gaps = {"majority vote": best - micro_accuracy(MajorityVote(world.tasks).predict_proba(votes), gold)}
        for name in ESTIMATORS:
            try:
                with expected_trouble():
                    model = LabelModel(world.tasks, edges, estimator=name).fit(votes)
                gaps[name] = best - micro_accuracy(model.predict_proba(votes), gold)
            except NotIdentifiableError:
                gaps[name] = float("nan")
        return [
            {"run": run, "superfluous": self.superfluous, "seed": self.seed, "gap": gap} for run, gap in gaps.items()
        ]


def trials_of(
    sizes: Sequence[int], trials: int, superfluous: Sequence[int], superfluous_rows: int, superfluous_trials: int
) -> list[SuggestionTrial | SuperfluousTrial]:
    """List the trials: `trials` graphs a shape and size, `superfluous_trials` worlds a number of edges."""
    return [
        *(
            SuggestionTrial(method, shape, n, seed)
            for method in reversed(METHODS)  # the slow ones first
            for n in sorted(sizes, reverse=True)
            for shape in SHAPES
            for seed in range(trials)
        ),
        *(
            SuperfluousTrial(edges, superfluous_rows, seed)
            for edges in superfluous
            for seed in range(superfluous_trials)
        ),
    ]


def curves(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return `precision` and `recall` by `n`, and the mean `gap` by `superfluous` edges, where all were determined."""
    suggested, declared = table[table["n"].notna()], table[table["superfluous"].notna()]
    return {
        "precision": curve(suggested, "n", "precision"),
        "recall": curve(suggested, "n", "recall"),
        "superfluous": curve(declared, "superfluous", "gap", complete=True),
    }


def metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return precision and recall of each run at the largest n, and the mean gaps by superfluous edges.

    Precision is the mean over the trials that suggested anything; a gap is left out where not all were determined.
    """
    found: dict[str, float] = {}
    lines = curves(table)
    for score in ("precision", "recall"):
        last = lines[score][lines[score]["n"] == lines[score]["n"].max()]
        found |= {f"{run}.{score}": float(value) for run, value in zip(last["run"], last[score], strict=True)}
    for row in lines["superfluous"].to_dict(orient="records"):
        found[f"{row['run']}.superfluous_{row['superfluous']:g}"] = float(row["gap"])
    return found
