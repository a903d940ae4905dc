"""Put the gold labels of the development split into the form of a label model's output.

So the end model's training reads one format whatever supervises it, and the pipeline can say, stage by stage, that
training never depends on the gold labels of the test split.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from flows.artifacts import Paths, atomic_directory, read_votes, write_probabilities
from flows.cli import run
from flows.config import GOLD_DEV, Config
from flows.known_gold import read_known_gold


def gold(gold_dev: Path, votes_dev: Path, out: Path) -> None:
    """Write `dev.parquet`: all probability on the gold label; `voted` holds throughout, as every label is known.

    Where gold tells only some of the tasks, the probability is shared out evenly among the vectors that agree with it,
    so that nothing is learned of the others, and standard error says so.

    Ids and the task graph are taken from the votes on the development split.
    """
    ids, votes = read_votes(votes_dev)
    gold = read_known_gold(gold_dev, votes.tasks, ids)
    if not gold.known.complete:
        print(f"gold: of dev, {gold.known.explain()}; of these its end model learns nothing", file=sys.stderr)
    probabilities = gold.known.spread(np.eye(len(gold.known.graph.feasible))[gold.labels])
    with atomic_directory(out) as directory:
        write_probabilities(directory / "dev.parquet", ids, probabilities, np.ones(len(ids), dtype=bool), votes.tasks)


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Run the step on the paths of an application."""
    paths = Paths(Path(), arguments.application)
    gold(paths.gold("dev"), paths.votes("dev"), paths.labels(GOLD_DEV))


def main() -> None:
    """Run from the command line."""
    run(step, description="Put the development split's gold labels into the form that train reads.")


if __name__ == "__main__":
    main()
