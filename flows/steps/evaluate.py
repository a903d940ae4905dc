"""Evaluate: score label models and end models on the test split, and describe the sources.

Where gold tells only some of the tasks, these alone are scored: predictions are summed over the others.

Reads votes, gold, labels and predictions of one application; writes to data/evaluation/APPLICATION/:

    trials.csv        one row a trial, the schema of results.csv
    label_models.json the label models alone, on test, and on dev, which is optimistic: sources were
                      written, and hyperparameters chosen, with it in view
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
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows import artifacts, cli
from flows.artifacts import Paths
from flows.config import GOLD_DEV, Config
from flows.known_gold import read_known_gold
from flows.scoring import (
    Split,
    Trials,
    calibration,
    confusion,
    describe_sources,
    differences,
    intervals,
    scores,
)
from metal.label_matrix import LabelMatrix


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
    dev, test = read_split(paths, "dev"), read_split(paths, "test")

    labels = {name: read_labels(paths, name, {"dev": dev, "test": test}) for name in supervisions if name != GOLD_DEV}
    trials = {name: read_trials(paths, name, test) for name in supervisions}
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
    table.insert(2, "scored", test.known.scored)

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
        "sources": describe_sources(train_votes, dev, {name: estimates(paths, name) for name in labels}),
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


def read_split(paths: Paths, name: str) -> Split:
    """Read votes and gold of a split. Raises ValueError for an id without gold."""
    ids, votes = artifacts.read_votes(paths.votes(name))
    gold = read_known_gold(paths.gold(name), votes.tasks, ids)
    return Split(ids, votes, gold.labels, gold.known)


def read_labels(paths: Paths, method: str, splits: dict[str, Split]) -> dict[str, npt.NDArray[np.float64]]:
    """Read a label model's probabilities by split, of the tasks that are scored.

    Raises ValueError if ids differ from those of the votes.
    """
    found = {}
    for name, split in splits.items():
        path = paths.labels(method) / f"{name}.parquet"
        ids, probabilities, _ = artifacts.read_probabilities(path, split.votes.tasks)
        if ids != split.ids:
            raise ValueError(f"{path} and {paths.votes(name)} are not of the same examples in the same order; run fit")
        found[name] = split.known.gather(probabilities)
    return found


def read_trials(paths: Paths, supervision: str, test: Split) -> Trials:
    """Read the test predictions of every trial, rows in the order of `test`."""
    return trials_of(paths.model(supervision) / "predictions.parquet", test)


def trials_of(path: Path, test: Split) -> Trials:
    """Read the test predictions in a file that `train` wrote, of the tasks that are scored.

    Raises ValueError unless they are of all of `test`.
    """
    frame = artifacts.read_table(path)
    frame = frame[frame["split"] == "test"]
    columns = [artifacts.vector_column(vector) for vector in test.votes.tasks.feasible]
    found: Trials = {}
    for seed, rows in frame.groupby("seed"):
        if sorted(rows["id"]) != sorted(test.ids):
            raise ValueError(
                f"{path}: seed {seed} predicts {len(rows)} test examples, not the {len(test.ids)} that were voted on"
            )
        predicted = rows.set_index("id").loc[test.ids, columns].to_numpy(dtype=np.float64)
        found[int(str(seed))] = test.known.gather(predicted)
    if not found:
        raise ValueError(f"{path} holds no predictions on the test split; run train")
    return found


def curves(paths: Paths, supervisions: Sequence[str]) -> pd.DataFrame:
    """Return the training curves of all supervisions under one another."""
    tables = []
    for name in supervisions:
        table = pd.read_csv(artifacts.existing(paths.model(name) / "curves.csv"))
        table.insert(0, "supervision", name)
        tables.append(table)
    return pd.concat(tables)


def estimates(paths: Paths, method: str) -> dict[str, float | None]:
    """Return the accuracy of every source as a label model estimates it; None where it estimates none."""
    sources = artifacts.read_json(paths.labels(method) / "model.json").get("sources", [])
    return {source["name"]: source.get("accuracy") for source in sources}


def describe_graph(
    votes: LabelMatrix, dependencies: Sequence[tuple[str, str]], descriptions: dict[str, str]
) -> dict[str, Any]:
    """Return tasks, feasible vectors, sources and dependencies as JSON."""
    return votes.tasks.to_dict() | {
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
    return {
        path.relative_to(paths.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for table in files
        for path in artifacts.parquet_files(table)
    }


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Evaluate the application that the command line names."""
    from metal.applications import load_application

    corpus = config.corpora[arguments.application].name
    application = load_application(arguments.application, corpus)
    descriptions = {source.name: source.description for source in application.sources}
    paths = Paths(Path(), application.name)
    evaluate(paths, corpus, config.supervisions, application.dependencies, descriptions)


def main() -> None:
    """Run this step from the command line."""
    cli.run(step, description="Score label models and end models on the test split.")


if __name__ == "__main__":
    main()
