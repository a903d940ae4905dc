"""What is compared: the label model, its baselines and its peers, each behind the same three calls.

A system is made from vote codes (n, m) of one task (0 abstains, c is the c-th label), which puts them into the form
that it wants; that is not timed, but for the label model, whose checks of the votes belong to its `fit`. Then `fit()`,
and `predict()`, the index of the likeliest label of each row, (n,).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from metal import LabelMatrix, LabelModel, TaskGraph
from metal.baselines import GibbsDataProgramming
from metal.label_model import SuspectedDependencyWarning

Codes = npt.NDArray[np.integer[Any]]
Labels = npt.NDArray[np.int64]
EPOCHS = 50
"""Passes of the Gibbs sampler over the examples: its default."""


class System(Protocol):
    """Votes in, labels out."""

    def fit(self) -> None:
        """Learn from the votes."""

    def predict(self) -> Labels:
        """Return the index of the likeliest label of each row."""


class Ours:
    """The label model at its defaults, or of another estimator; told nothing."""

    def __init__(self, codes: Codes, k: int, estimator: str) -> None:
        self.codes = codes
        self.tasks = TaskGraph.single("label", [str(label) for label in range(k)])
        self.model = LabelModel(self.tasks, estimator=estimator)

    def fit(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SuspectedDependencyWarning)
            self.votes = LabelMatrix.from_array(self.codes, self.tasks)
            self.model.fit(self.votes)

    def predict(self) -> Labels:
        return self.model.predict(self.votes)


class OursOfFile:
    """The same on a Parquet file, read once to fit and once more to label: no row is held longer than its batch."""

    def __init__(self, file: Path, k: int) -> None:
        self.file = file
        self.model = LabelModel(TaskGraph.single("label", [str(label) for label in range(k)]))

    def fit(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SuspectedDependencyWarning)
            self.model.fit(self.file)

    def predict(self) -> Labels:
        parts = [part.argmax(axis=1) for part in self.model.predict_batches(self.file)]
        return np.concatenate(parts).astype(np.int64)


class Gibbs:
    """The 2016 system; told the balance."""

    def __init__(self, codes: Codes, k: int, balance: npt.NDArray[np.float64], batch_size: int) -> None:
        tasks = TaskGraph.single("label", [str(label) for label in range(k)])
        self.votes = LabelMatrix.from_array(codes, tasks)
        self.model = GibbsDataProgramming(tasks, class_balance=balance, batch_size=batch_size, epochs=EPOCHS)

    def fit(self) -> None:
        self.model.fit(self.votes)

    def predict(self) -> Labels:
        return np.asarray(self.model.predict_proba(self.votes).argmax(axis=1), dtype=np.int64)


class Snorkel:
    """snorkel's LabelModel at its defaults; by default it takes the classes for equally frequent."""

    def __init__(self, codes: Codes, k: int, balance: npt.NDArray[np.float64] | None, seed: int = 0) -> None:
        from snorkel.labeling.model import LabelModel as SnorkelModel

        self.votes = codes.astype(np.int64) - 1
        self.balance = None if balance is None else balance.tolist()
        self.seed = seed
        self.model: Any = SnorkelModel(cardinality=k, verbose=False)

    def fit(self) -> None:
        self.model.fit(self.votes, class_balance=self.balance, seed=self.seed, progress_bar=False)

    def predict(self) -> Labels:
        return np.asarray(self.model.predict_proba(self.votes).argmax(axis=1), dtype=np.int64)


class DawidSkene:
    """crowd-kit's Dawid-Skene, whose fit labels the rows; a row without votes gets the commonest label."""

    def __init__(self, codes: Codes) -> None:
        import pandas as pd
        from crowdkit.aggregation import DawidSkene as CrowdKitModel

        row, column = np.nonzero(codes)
        self.n = len(codes)
        votes = codes[row, column].astype(np.int64) - 1
        self.votes = pd.DataFrame({"task": row, "worker": column, "label": votes})
        self.model: Any = CrowdKitModel(n_iter=100)

    def fit(self) -> None:
        self.model.fit(self.votes)

    def predict(self) -> Labels:
        found = self.model.labels_
        labels = found.reindex(np.arange(self.n))
        return np.asarray(labels.fillna(found.mode()[0]).to_numpy(), dtype=np.int64)


SYSTEMS: Mapping[str, Callable[[Codes, int, npt.NDArray[np.float64]], System]] = {
    "ours": lambda codes, k, balance: Ours(codes, k, "map"),
    "ours, mle": lambda codes, k, balance: Ours(codes, k, "mle"),
    "snorkel": lambda codes, k, balance: Snorkel(codes, k, balance),
    "crowd-kit": lambda codes, k, balance: DawidSkene(codes),
    "gibbs": lambda codes, k, balance: Gibbs(codes, k, balance, batch_size=1),
    "gibbs, batched": lambda codes, k, balance: Gibbs(codes, k, balance, batch_size=64),
}
"""By name; each from codes, the number of labels, and the true balance (which ours are not told)."""
