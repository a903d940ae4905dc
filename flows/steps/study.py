"""Study: fit and train MeTaL with one thing changed, and score it on the test split (section 5.3 of the paper)."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from flows.artifacts import (
    LABELED,
    Paths,
    atomic_directory,
    read_json,
    read_probabilities,
    read_tasks,
    write_json,
    write_probabilities,
    write_text,
)
from flows.cli import run
from flows.config import Config, LabelModelParams
from flows.scoring import scores
from flows.steps.evaluate import read_split, trials_of
from flows.steps.fit import fit
from flows.steps.train import train
from flows.studies import STUDIES, UNDETERMINED, Study
from flows.workers import worker_count
from metal.engine import Local
from metal.label_model import NotIdentifiableError

DRAWN_WITH = 20190127
"""The seed of the draw of a share, the same for every trial: what varies is the training."""


def study(paths: Paths, name: str, config: Config) -> None:
    """Write scores.csv, the probabilistic labels and the end models' predictions into the study's directory.

    scores.csv has the columns of results.csv but `corpus` and `scored`, with `study` for `supervision`. Where the votes
    do not determine the study's label model, the reason stands there instead: see UNDETERMINED.
    An interrupted study goes on from the last epoch of its trainings.
    """
    chosen, scratch = STUDIES[name], paths.scratch(f"study_{name}")
    labels = scratch / "labels"
    try:
        label(paths, chosen, config.label_model, labels, scratch / "partitions")
    except NotIdentifiableError as error:
        # A finding about the estimator, which the page tells, and no failure: the other studies are of use without it.
        print(f"study: {chosen.title}: {error}", file=sys.stderr)
        with atomic_directory(paths.study(name)) as directory:
            write_json(directory / UNDETERMINED, {"reason": str(error)})
        return
    with atomic_directory(paths.study(name)) as directory:
        train(
            paths.embeddings,
            labels / "train.parquet",
            "train",
            directory / "model",
            scratch / "training",
            config.end_models[paths.application],
            trials=config.paper.trials,
            workers=worker_count(),
        )
        for weights in (directory / "model").glob("trial_*.safetensors"):
            weights.unlink()  # a study's networks are not for use
        table = score(paths, name, labels, directory / "model")
        write_text(directory / "scores.csv", table.to_csv(index=False, lineterminator="\n"))
        if chosen.share == 1:
            (directory / "label_model.json").write_bytes((labels / "model.json").read_bytes())


def label(paths: Paths, chosen: Study, params: LabelModelParams, labels: Path, scratch: Path) -> None:
    """Write the labels that a study trains on: of a label model of its own, or a share of those of MeTaL.

    Raises NotIdentifiableError where the votes do not determine the label model.
    """
    if chosen.share < 1:
        thin(paths.labels("metal") / "train.parquet", labels / "train.parquet", chosen.share)
        return
    fit(
        chosen.method,
        {split: paths.votes(split) for split in LABELED},
        paths.gold("dev"),
        paths.gate / "report.json",
        paths.validation / "summary.json",
        labels,
        changed(params, chosen),
        scratch=scratch,
        engine=Local(),
        fixed=[key for key in chosen.changes if key != "tune_on_dev"],
        ignore_dependencies=chosen.ignore_dependencies,
    )


def changed(params: LabelModelParams, chosen: Study) -> LabelModelParams:
    """Return the configured label model with the study's changes."""
    return replace(params, **chosen.changes)


def thin(source: Path, out: Path, share: float) -> None:
    """Write labels of which only a share, drawn at random, counts as voted on: training leaves the others out."""
    tasks = read_tasks(source)
    ids, probabilities, voted = read_probabilities(source, tasks)
    usable = np.flatnonzero(voted)
    kept = np.random.default_rng(DRAWN_WITH).permutation(usable)[: max(1, round(share * len(usable)))]
    mask = np.zeros(len(ids), dtype=bool)
    mask[kept] = True
    write_probabilities(out, ids, probabilities, mask, tasks)


def score(paths: Paths, name: str, labels: Path, model: Path) -> pd.DataFrame:
    """Return the scores on test: of the label model, where the study has one of its own, and of every trial."""
    test = read_split(paths, "test")
    seen = int(read_json(model / "summary.json")["n_train"])
    rows = [
        {"model": "end", "seed": seed, "n_train": seen} | scores(predicted, test)
        for seed, predicted in trials_of(model / "predictions.parquet", test).items()
    ]
    if STUDIES[name].share == 1:
        _, probabilities, _ = read_probabilities(labels / "test.parquet", test.votes.tasks)
        gathered = test.known.gather(probabilities)
        rows.insert(0, {"model": "label", "seed": 0, "n_train": seen} | scores(gathered, test))
    table = pd.DataFrame(rows)
    table.insert(0, "application", paths.application)
    table.insert(1, "study", name)
    return table


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Run the study that the arguments name on their application."""
    study(Paths(Path(), arguments.application), arguments.study, config)


def main() -> None:
    """Run the step from the command line."""
    run(step, study=True, description="Fit and train MeTaL with one thing changed, and score it on the test split.")


if __name__ == "__main__":
    main()
