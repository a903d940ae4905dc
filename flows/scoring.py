"""Scores and tables of models and sources on one split: what the step `evaluate` writes, computed from arrays alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metal import evaluation
from metal.known_tasks import KnownTasks
from metal.label_matrix import LabelMatrix
from metal.tasks import TaskGraph


@dataclass(frozen=True)
class Split:
    """One split to score on: ids (n,), votes (n, m) and gold (n,), in one order.

    known : the tasks that gold tells, which are those that are scored; `gold` holds positions in F of their task graph,
        over which predictions are gathered
    """

    ids: list[str]
    votes: LabelMatrix
    gold: npt.NDArray[np.int64]
    known: KnownTasks

    @property
    def tasks(self) -> TaskGraph:
        """The task graph of what is scored."""
        return self.known.graph


Trials = dict[int, npt.NDArray[np.float64]]
"""Predictions on the test split by seed, each (n, |F|), F that of the tasks that are scored."""


def scores(probabilities: npt.NDArray[np.float64], split: Split) -> dict[str, float]:
    """Return all scores of one set of predictions, keyed by their columns in results.csv."""
    gold, tasks = split.gold, split.tasks
    return {
        "micro_accuracy": evaluation.micro_accuracy(probabilities, gold),
        "macro_f1": evaluation.macro_f1(probabilities, gold),
        "nll": evaluation.negative_log_likelihood(probabilities, gold),
        "ece": evaluation.expected_calibration_error(probabilities, gold),
    } | {f"task:{name}": score for name, score in evaluation.task_accuracies(probabilities, gold, tasks).items()}


def correct(predicted: npt.NDArray[np.float64], split: Split) -> npt.NDArray[np.float64]:
    """Return 1 where the whole label vector is right, else 0, shape (n,)."""
    return np.asarray(evaluation.predictions(predicted) == split.gold, dtype=np.float64)


def intervals(labels: dict[str, npt.NDArray[np.float64]], trials: dict[str, Trials], test: Split) -> pd.DataFrame:
    """Return accuracies with 95% intervals over trials (`low`, `high`) and over test examples (`test_low`, ...).

    A label model has no trials; its interval over examples is Wilson's.
    """
    rows: list[dict[str, Any]] = []
    for name, predicted in labels.items():
        hits = correct(predicted, test)
        low, high = evaluation.proportion_interval(int(hits.sum()), len(hits))
        found = {"mean": hits.mean(), "low": None, "high": None, "test_low": low, "test_high": high}
        rows.append({"supervision": name, "model": "label", "trials": 1} | found)
    for name, by_seed in trials.items():
        hits = np.stack([correct(predicted, test) for predicted in by_seed.values()])
        found = evaluation.crossed_intervals(hits)
        rows.append({"supervision": name, "model": "end", "trials": len(hits)} | found)
    return pd.DataFrame(rows)


def differences(trials: dict[str, Trials], test: Split) -> pd.DataFrame:
    """Return mean differences in accuracy of end models, `first` minus `second`, with 95% intervals.

    Paired by seed (`low`, `high`: interval over the seeds both have) and, averaged over those seeds, by test
    example (`test_low`, `test_high`): a difference is settled only if neither interval holds 0.
    """
    rows = []
    for second, first in combinations(trials, 2):
        seeds = sorted(set(trials[first]) & set(trials[second]))
        if seeds:
            gaps = [correct(trials[first][seed], test) - correct(trials[second][seed], test) for seed in seeds]
            found = evaluation.crossed_intervals(np.stack(gaps))
            rows.append(
                {"first": first, "second": second, "trials": len(seeds), "difference": found.pop("mean")} | found
            )
    columns = ["first", "second", "trials", "difference", "low", "high", "test_low", "test_high"]
    return pd.DataFrame(rows, columns=columns)


def confusion(trials: dict[str, Trials], test: Split) -> pd.DataFrame:
    """Return for every supervision how many test examples of each true vector are predicted as each, mean a trial."""
    tasks = test.tasks
    pairs = list(product(tasks.vector_names, repeat=2))
    rows = []
    for supervision, by_seed in trials.items():
        counts = np.mean([evaluation.confusion(predicted, test.gold) for predicted in by_seed.values()], axis=0)
        rows += [(supervision, *pair, count) for pair, count in zip(pairs, counts.ravel(), strict=True)]
    return pd.DataFrame(rows, columns=["supervision", "gold", "predicted", "count"])


def calibration(labels: dict[str, npt.NDArray[np.float64]], trials: dict[str, Trials], test: Split) -> pd.DataFrame:
    """Return the reliability tables of all models under one another."""
    tables = []
    models = [("label", name, {0: predicted}) for name, predicted in labels.items()]
    models += [("end", name, by_seed) for name, by_seed in trials.items()]
    for model, name, by_seed in models:
        table = evaluation.reliability(np.concatenate(list(by_seed.values())), np.tile(test.gold, len(by_seed)))
        table.insert(0, "supervision", name)
        table.insert(1, "model", model)
        tables.append(table)
    return pd.concat(tables)


def describe_sources(
    train: LabelMatrix, dev: Split, estimated: Mapping[str, Mapping[str, float | None]]
) -> pd.DataFrame:
    """Return one row a source: what it does on train, how right it is on dev, and what label models believe.

    Development accuracy is P(truth in the voted event | the source voted), with Wilson's 95% interval;
    `estimated:METHOD` is what a label model makes of the same quantity (`estimated` by method and source; no column
    where a method estimates none). No source's accuracy is read from gold, but development gold may set the class
    balance and choose a few hyperparameters. No votes of a source are counted there where gold does not tell its tasks.
    """
    # Any vector of F that agrees with gold will do for a source that votes on known tasks alone; others are not judged.
    gold = np.asarray(dev.known.members.argmax(axis=0)[dev.gold], dtype=np.int64)
    judged = np.array([set(space.tasks) <= set(dev.known.names) for space in dev.votes.spaces])
    voted, right = (np.where(judged, counts, 0) for counts in evaluation.source_accuracies(dev.votes, gold))
    ends = [evaluation.proportion_interval(int(k), int(n)) for k, n in zip(right, voted, strict=True)]
    table = pd.DataFrame(
        {
            "source": train.names,
            "tasks": ["+".join(space.tasks) for space in train.spaces],
            "labels": [", ".join("+".join(label) for label in space.labels) for space in train.spaces],
            "coverage": train.coverage(),
            "overlap": train.overlap(),
            "conflict": train.conflict(),
            "dev_votes": voted,
            "dev_accuracy": right / np.where(voted > 0, voted, np.nan),
            "dev_low": [low for low, _ in ends],
            "dev_high": [high for _, high in ends],
        }
    )
    for method, known in estimated.items():
        if any(value is not None for value in known.values()):
            table[f"estimated:{method}"] = [known.get(name) for name in train.names]
    return table
