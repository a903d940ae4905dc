"""What labels the votes could give at best, were gold known: `python -m flows.ceiling --application relation`.

Where train has gold (the open corpora), tells whether labels could be had of a better label model, or of better sources
alone: a logistic regression on the votes, with gold, sees which votes to trust in which class, and which of them repeat
each other. It is fitted on nine tenths of the train examples and scored on the rest, in turn; neighbours, such as the
examples of one document, are kept together.

Gold is read for this one purpose; nothing that is fitted or trained learns from what is said here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from flows.artifacts import ArtifactError, Paths, read_probabilities, read_table, read_votes
from flows.cli import plain_errors
from flows.comparison import NAMES, in_order
from flows.config import PARAMS, load_config, one_of
from flows.known_gold import read_known_gold
from metal.label_matrix import LabelSpace
from metal.statistics import Codes

FOLDS = 10
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""What the regression's inverse penalty is tried at; the best is shown, so that the ceiling is rather too high."""


def ceiling(codes: Codes, spaces: Sequence[LabelSpace], gold: npt.NDArray[np.int64]) -> float:
    """Return the cross-validated accuracy of the best logistic regression of gold (n,) on the votes in codes (n, m)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_score

    said = [codes[:, i] == label for i, space in enumerate(spaces) for label in range(1, len(space.labels) + 1)]
    indicators = np.stack(said, axis=1).astype(np.float64)
    folds = KFold(FOLDS)
    tried = tqdm(PENALTIES, desc="ceiling", unit="fit", leave=False, file=sys.stderr)
    return max(
        float(cross_val_score(LogisticRegression(C=penalty, max_iter=2000), indicators, gold, cv=folds).mean())
        for penalty in tried
    )


def compared(paths: Paths, methods: Sequence[str]) -> list[tuple[str, float]]:
    """Return the accuracy of each method's labels on train, and last the regression's, as fractions.

    Raises ArtifactError where train has no gold, or a method has not labeled it.
    """
    ids, votes = read_votes(paths.votes("train"))
    told = set(read_table(paths.gold("train"))["id"])
    rows = np.array([row for row, identifier in enumerate(ids) if identifier in told], dtype=np.int64)
    if len(rows) < FOLDS:
        raise ArtifactError(f"{paths.gold('train')} has gold of {len(rows)} examples; a ceiling needs at least {FOLDS}")
    gold = read_known_gold(paths.gold("train"), votes.tasks, [ids[row] for row in rows])
    accuracies = []
    for method in in_order(dict.fromkeys(methods)):
        labelled, probabilities, _ = read_probabilities(paths.labels(method) / "train.parquet", votes.tasks)
        if labelled != ids:
            raise ArtifactError(f"{paths.labels(method)} and the votes are not of the same examples; run dvc repro")
        guesses = gold.known.gather(probabilities[rows]).argmax(axis=1)
        accuracies.append((NAMES.get(method, method), float((guesses == gold.labels).mean())))
    return [*accuracies, ("Logistic regression with gold", ceiling(votes.codes[rows], votes.spaces, gold.labels))]


def main() -> None:
    """Print the table of an application's train split."""
    parser = argparse.ArgumentParser(prog="python -m flows.ceiling", description=__doc__.split("\n\n")[0])
    parser.add_argument("--application", required=True, metavar="NAME", help="one of `applications` in params.yaml")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository (default: here)")
    arguments = parser.parse_args()
    with plain_errors():
        one_of("--application", arguments.application, load_config(arguments.root / PARAMS).applications)
        paths = Paths(arguments.root, arguments.application)
        methods = sorted(path.parent.name for path in paths.labels("*").parent.glob("*/train.parquet"))
        for name, accuracy in compared(paths, [method for method in methods if method != "gold_dev"]):
            print(f"{name:32s}{100 * accuracy:6.1f}")


if __name__ == "__main__":
    main()
