"""An invented corpus of tokens and labels for the tests of training: one word tells each text's class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from flows.artifacts import save_arrays, write_probabilities
from flows.config import EndModelParams
from metal.tasks import Task, TaskGraph

PET = TaskGraph.hierarchy(
    Task("kind", ("bird", "fish")), Task("bird", ("owl", "hen"), parent=("kind", "bird"))
)  # F: owl, hen, fish
SIZES = {"train": 64, "dev": 30, "test": 20}
PARAMS = EndModelParams(
    encoder="lstm",
    hidden=6,
    layers=[6],
    pooling="max",
    dropout=0.1,
    input_dropout=0.0,
    train_embeddings=True,
    steps=60,
    batch_size=16,
    learning_rate=0.02,
    weight_decay=0.01,
    warmup=0.1,
    clip=1.0,
    loss="joint",
    train_unvoted=False,
    device="cpu",
    precision="float32",
)


def invent(folder: Path) -> dict[str, npt.NDArray[np.int64]]:
    """Write `embeddings/` and `labels/SPLIT.parquet` in the pipeline's formats; return the true classes by split.

    The last four examples of train have no vote.
    """
    generator = np.random.default_rng(0)
    (folder / "embeddings").mkdir(parents=True)
    save_file(
        {"vectors": generator.normal(size=(20, 5)).astype(np.float32)}, folder / "embeddings" / "vectors.safetensors"
    )
    truth = {}
    for split, size in SIZES.items():
        gold = generator.integers(0, 3, size)
        rows = [np.append(generator.integers(4, 20, generator.integers(1, 9)), label + 1) for label in gold]
        ids = [f"{split}-{number}" for number in range(size)]
        save_arrays(
            folder / "embeddings" / f"tokens_{split}.npz",
            ids=np.concatenate(rows).astype(np.int32),
            offsets=np.cumsum([0, *(len(row) for row in rows)]),
            examples=np.array(ids),
        )
        voted = np.arange(size) < size - (4 if split == "train" else 0)
        # In another order than the tokens: rows are joined by id.
        order = generator.permutation(size)
        labels = (0.9 * np.eye(3)[gold] + 0.1 / 3)[order]
        write_probabilities(
            folder / "labels" / f"{split}.parquet", [ids[row] for row in order], labels, voted[order], PET
        )
        truth[split] = gold
    return truth
