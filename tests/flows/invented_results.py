"""A small invented application, its labels and predictions on disk, with scores known by construction.

Ten test examples; whoever "makes k mistakes" calls the first k of them by the next feasible vector and the others
right, always with probability .7 for what it says and .1 for each other vector. So accuracy is 1 - k/10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows import artifacts
from flows.artifacts import Paths
from flows.steps.evaluate import evaluate
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import Task, TaskGraph

TREE = TaskGraph.hierarchy(
    Task("size", ("large", "small")),
    Task("large_kind", ("bear", "horse"), parent=("size", "large")),
    Task("small_kind", ("cat", "mouse"), parent=("size", "small")),
)
SPACES = (
    LabelSpace.checked("weight", ["size"], [["large"], ["small"]], TREE),
    LabelSpace.checked("growls", ["large_kind"], [["bear"]], TREE),
    LabelSpace.checked("purrs", ["size", "small_kind"], [["small", "cat"]], TREE),
)
SIZES = {"train": 20, "dev": 4, "test": 10}
LABEL_MISTAKES = {"majority_vote": 4, "metal": 3}
END_MISTAKES: Mapping[str, Sequence[int]] = {
    "gold_dev": [5, 5, 5],
    "majority_vote": [4, 3, 3],
    "metal": [2, 1, 3],
}
DEPENDENCIES = [("growls", "purrs")]
DESCRIPTIONS = {"weight": "Heavier than a person.", "growls": "It growls.", "purrs": "It purrs <softly>."}


def gold(size: int) -> npt.NDArray[np.int64]:
    """The truth: 0, 1, 2, 3, 0, 1, ..."""
    return np.arange(size, dtype=np.int64) % 4


def predicted(size: int, mistakes: int) -> npt.NDArray[np.float64]:
    """Predictions whose first `mistakes` rows are wrong, (size, 4)."""
    said = (gold(size) + (np.arange(size) < mistakes)) % 4
    return np.full((size, 4), 0.1) + 0.6 * np.eye(4)[said]


def codes(size: int) -> npt.NDArray[np.int64]:
    """Votes in a pattern of four rows that repeats: see the table in `test_evaluate`."""
    pattern = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0]])
    return pattern[np.arange(size) % 4]


def write_application(
    root: Path, application: str = "animals", end_mistakes: Mapping[str, Sequence[int]] = END_MISTAKES
) -> Paths:
    """Write all that `evaluate` reads, as the earlier stages do."""
    paths = Paths(root, application)
    for split, size in SIZES.items():
        ids = [f"{split}-{i}" for i in range(size)]
        artifacts.write_votes(paths.votes(split), ids, LabelMatrix(codes(size), SPACES, TREE))
        truth = pd.DataFrame([TREE.feasible[y] for y in gold(size)], columns=list(TREE.names))
        truth.insert(0, "id", ids)
        artifacts.write_table(truth.iloc[::-1], paths.gold(split))  # in another order, to be aligned by id
        for method, mistakes in LABEL_MISTAKES.items():
            probabilities = predicted(size, min(mistakes, size))
            path = paths.labels(method) / f"{split}.parquet"
            artifacts.write_probabilities(path, ids, probabilities, np.ones(size, dtype=bool), TREE)
    estimated = [
        {"name": space.name, "accuracy": 0.9 - 0.1 * i, "coverage": 0.5, "labels": [list(x) for x in space.labels]}
        for i, space in enumerate(SPACES)
    ]
    artifacts.write_json(paths.labels("majority_vote") / "model.json", {"estimator": "majority_vote"})
    artifacts.write_json(paths.labels("metal") / "model.json", {"estimator": "map", "sources": estimated})
    for supervision, by_seed in end_mistakes.items():
        write_end_model(paths, supervision, by_seed)
    return paths


def write_end_model(paths: Paths, supervision: str, by_seed: Sequence[int]) -> None:
    """Write what `train` leaves of one supervision; seed s makes by_seed[s] mistakes on test."""
    directory = paths.model(supervision)
    frames, losses = [], []
    for seed, mistakes in enumerate(by_seed):
        for split in ("dev", "test"):
            frame = pd.DataFrame(
                predicted(SIZES[split], min(mistakes, SIZES[split])),
                columns=[artifacts.vector_column(vector) for vector in TREE.feasible],
            )
            frame.insert(0, "seed", seed)
            frame.insert(1, "split", split)
            frame.insert(2, "id", [f"{split}-{i}" for i in range(SIZES[split])])
            frames.append(frame.sample(frac=1, random_state=seed))  # in another order, to be aligned by id
        losses += [(seed, epoch, 1.0 / (epoch + seed + mistakes), 0.5) for epoch in (1, 2, 3)]
    artifacts.write_table(pd.concat(frames), directory / "predictions.parquet")
    curves = pd.DataFrame(losses, columns=["seed", "epoch", "train_loss", "seconds"])
    artifacts.write_text(directory / "curves.csv", curves.to_csv(index=False))
    size = SIZES["dev"] if supervision == "gold_dev" else SIZES["train"]
    artifacts.write_json(directory / "summary.json", {"n_train": size, "epochs": 3, "device": "cpu"})


def write_evaluated(
    root: Path,
    application: str = "animals",
    end_mistakes: Mapping[str, Sequence[int]] = END_MISTAKES,
    *,
    corpus: str = "zoo",
) -> Paths:
    """Write all that `summarize` reads: the application, evaluated, and what gate and validation say."""
    paths = write_application(root, application, end_mistakes)
    evaluate(paths, corpus, list(end_mistakes), DEPENDENCIES, DESCRIPTIONS)
    artifacts.write_text(paths.gate / "report.txt", "All 3 sources are determined & <anchored>.\n")
    pairs = [
        {"first": first, "second": second, "strength": 0.31, "z": 7.5}
        | {"suggested": True, "declared": True, "used": True}
        for first, second in DEPENDENCIES
    ]
    structure = {"used": "declared", "suggested_by": "robust_pca", "said": "1 dependency suggested.", "pairs": pairs}
    artifacts.write_json(paths.gate / "structure.json", structure)
    validation = {"success": True, "expectations": 41, "failures": [], "rows": SIZES}
    artifacts.write_json(paths.validation / "summary.json", validation)
    return paths
