"""Evaluate: score label models and end models on the test split, and describe the sources.

Reads votes, gold, labels and predictions of one application; writes to data/results/APPLICATION/:

    trials.csv        one row a trial, the schema of results.csv
    label_models.json the label models alone, on dev and test
    intervals.csv     accuracy of every supervision, with intervals over trials and over test examples
    differences.csv   paired differences of end models between supervisions, with the same two intervals
    confusion.csv     true against predicted label vectors of the end models, mean count a trial
    reliability.csv   confidence against accuracy; of end models all trials together
    curves.csv        training loss by trial and epoch
    sources.csv       coverage, overlap, conflict, estimated against development accuracy of every source
    conflicts.csv     how often two sources contradict each other
    graph.json        tasks, feasible label vectors, sources and dependencies
    inputs.json       SHA-256 of every file that was read
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows import artifacts, cli
from flows.artifacts import Paths
from flows.config import GOLD_DEV, Config
from metal import evaluation
from metal.label_matrix import LabelMatrix
from metal.tasks import TaskGraph


@dataclass(frozen=True)
class Split:
    """One split to score on: ids (n,), votes (n, m) and gold (n,), in one order."""

    ids: list[str]
    votes: LabelMatrix
    gold: npt.NDArray[np.int64]

    @classmethod
    def read(cls, paths: Paths, name: str) -> Split:
        """Read votes and gold of a split. Raises ValueError for an id without gold."""
        ids, votes = artifacts.read_votes(paths.votes(name))
        return cls(ids, votes, artifacts.read_gold(paths.gold(name), votes.tasks, ids))


Trials = dict[int, npt.NDArray[np.float64]]
"""Predictions on the test split by seed, each (n, |F|)."""


def evaluate(
    paths: Paths,
    corpus: str,
    supervisions: Sequence[str],
    dependencies: Sequence[tuple[str, str]] = (),
    descriptions: dict[str, str] | None = None,
) -> None:
    """Score every supervision of an application and write the files named at the head of this module.

    `dependencies` and `descriptions` are those of the application's sources, for the report.
    Raises ValueError if predictions or labels are not of the examples of the test split.
    """
    train_ids, train_votes = artifacts.read_votes(paths.votes("train"))
    dev, test = Split.read(paths, "dev"), Split.read(paths, "test")
    tasks = test.votes.tasks

    labels = {name: read_labels(paths, name, {"dev": dev, "test": test}) for name in supervisions if name != GOLD_DEV}
    trials = {name: read_trials(paths, name, test, tasks) for name in supervisions}
    label_rows = [
        {"supervision": name, "model": "label", "seed": 0, "n_train": len(train_ids)} | scores(splits["test"], test)
        for name, splits in labels.items()
    ]
    sizes = {name: int(artifacts.read_json(paths.model(name) / "summary.json")["n_train"]) for name in supervisions}
    end_rows = [
        {"supervision": name, "model": "end", "seed": seed, "n_train": sizes[name]} | scores(predicted, test)
        for name in supervisions
        for seed, predicted in trials[name].items()
    ]
    table = pd.DataFrame(label_rows + end_rows)
    table.insert(0, "application", paths.application)
    table.insert(1, "corpus", corpus)

    pairs = pd.DataFrame(train_votes.conflicts(), columns=list(train_votes.names))
    pairs.insert(0, "source", train_votes.names)
    alone = {name: splits["test"] for name, splits in labels.items()}
    tables = {
        "trials": table,
        "intervals": intervals(alone, trials, test),
        "differences": differences(trials, test),
        "confusion": confusion(trials, test),
        "reliability": calibration(alone, trials, test),
        "curves": curves(paths, supervisions),
        "sources": describe_sources(paths, train_votes, dev, list(labels)),
        "conflicts": pairs,
    }
    notes = {
        "label_models": {
            name: {"dev": scores(splits["dev"], dev), "test": scores(splits["test"], test)}
            for name, splits in labels.items()
        },
        "graph": describe_graph(train_votes, dependencies, descriptions or {}),
        "inputs": checksums(paths, supervisions),
    }
    with artifacts.atomic_directory(paths.evaluation) as directory:
        for name, frame in tables.items():
            artifacts.write_text(directory / f"{name}.csv", frame.to_csv(index=False, lineterminator="\n"))
        for name, content in notes.items():
            artifacts.write_json(directory / f"{name}.json", content)


def scores(probabilities: npt.NDArray[np.float64], split: Split) -> dict[str, float]:
    """Return all scores of one set of predictions, keyed by their columns in results.csv."""
    gold, tasks = split.gold, split.votes.tasks
    return {
        "micro_accuracy": evaluation.micro_accuracy(probabilities, gold),
        "macro_f1": evaluation.macro_f1(probabilities, gold),
        "nll": evaluation.negative_log_likelihood(probabilities, gold),
        "ece": evaluation.expected_calibration_error(probabilities, gold),
    } | {f"task:{name}": score for name, score in evaluation.task_accuracies(probabilities, gold, tasks).items()}


def read_labels(paths: Paths, method: str, splits: dict[str, Split]) -> dict[str, npt.NDArray[np.float64]]:
    """Read a label model's probabilities by split. Raises ValueError if ids differ from those of the votes."""
    found = {}
    for name, split in splits.items():
        path = paths.labels(method) / f"{name}.parquet"
        ids, probabilities, _ = artifacts.read_probabilities(path, split.votes.tasks)
        if ids != split.ids:
            raise ValueError(f"{path} and {paths.votes(name)} are not of the same examples in the same order; run fit")
        found[name] = probabilities
    return found


def read_trials(paths: Paths, supervision: str, test: Split, tasks: TaskGraph) -> Trials:
    """Read the test predictions of every trial, rows in the order of `test`."""
    path = paths.model(supervision) / "predictions.parquet"
    frame = artifacts.read_table(path)
    frame = frame[frame["split"] == "test"]
    columns = [artifacts.vector_column(vector) for vector in tasks.feasible]
    found: Trials = {}
    for seed, rows in frame.groupby("seed"):
        if sorted(rows["id"]) != sorted(test.ids):
            raise ValueError(
                f"{path}: seed {seed} predicts {len(rows)} test examples, not the {len(test.ids)} that were voted on"
            )
        found[int(str(seed))] = rows.set_index("id").loc[test.ids, columns].to_numpy(dtype=np.float64)
    if not found:
        raise ValueError(f"{path} holds no predictions on the test split; run train")
    return found


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
    tasks = test.votes.tasks
    pairs = list(product([tasks.name_of(vector) for vector in tasks.feasible], repeat=2))
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


def curves(paths: Paths, supervisions: Sequence[str]) -> pd.DataFrame:
    """Return the training curves of all supervisions under one another."""
    tables = []
    for name in supervisions:
        table = pd.read_csv(paths.model(name) / "curves.csv")
        table.insert(0, "supervision", name)
        tables.append(table)
    return pd.concat(tables)


def describe_sources(paths: Paths, train: LabelMatrix, dev: Split, methods: Sequence[str]) -> pd.DataFrame:
    """Return one row a source: what it does on train, how right it is on dev, and what label models believe.

    Development accuracy is P(truth in the voted event | the source voted), with Wilson's 95% interval;
    `estimated:METHOD` is what a label model, which never saw gold, makes of the same quantity.
    """
    voted, right = evaluation.source_accuracies(dev.votes, dev.gold)
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
    for method in methods:
        model = artifacts.read_json(paths.labels(method) / "model.json")
        estimated = {source["name"]: source.get("accuracy") for source in model.get("sources", [])}
        if any(value is not None for value in estimated.values()):
            table[f"estimated:{method}"] = [estimated.get(name) for name in train.names]
    return table


def describe_graph(
    votes: LabelMatrix, dependencies: Sequence[tuple[str, str]], descriptions: dict[str, str]
) -> dict[str, Any]:
    """Return tasks, feasible vectors, sources and dependencies as JSON."""
    return artifacts.tasks_to_json(votes.tasks) | {
        "sources": [
            {"name": space.name, "tasks": space.tasks, "description": descriptions.get(space.name, "")}
            for space in votes.spaces
        ],
        "dependencies": list(dependencies),
    }


def checksums(paths: Paths, supervisions: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of the files that the scores rest on, by path from the root."""
    files = [paths.votes(split) for split in artifacts.LABELED] + [paths.gold(split) for split in ("dev", "test")]
    for name in supervisions:
        files += [paths.labels(name) / f"{split}.parquet" for split in artifacts.LABELED if name != GOLD_DEV]
        files.append(paths.model(name) / "predictions.parquet")
    return {path.relative_to(paths.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Evaluate the application that the command line names."""
    from metal.applications import load_application

    application = load_application(arguments.application)
    descriptions = {source.name: source.description for source in application.sources}
    paths = Paths(Path(), application.name)
    corpus = config.corpora[application.name].name
    evaluate(paths, corpus, config.supervisions, application.dependencies, descriptions)


def main() -> None:
    """Run this step from the command line."""
    cli.run(step, description="Score label models and end models on the test split.")


if __name__ == "__main__":
    main()
