"""Word vectors from four places: a word-piece table, a GloVe text file, the corpus itself, or chance.

All return one float32 row a token of the vocabulary, whose first token is `UNKNOWN`; the scale is set so
that an entry's mean square over the vocabulary is 1, whatever the source, and learning rates carry over.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from metal.end_model.tokens import UNKNOWN, Tokens

Vectors = npt.NDArray[np.float32]


def _scaled(vectors: npt.NDArray[np.float64]) -> Vectors:
    size = float(np.sqrt(np.mean(vectors**2)))
    return np.asarray(vectors / size if size > 0 else vectors, dtype=np.float32)


def random_vectors(vocabulary: Sequence[str], dimension: int, *, seed: int) -> Vectors:
    """Return independent standard normal vectors, shape (len(vocabulary), dimension)."""
    return _scaled(np.random.default_rng(seed).normal(size=(len(vocabulary), dimension)))


def reduced_vectors(vectors: npt.NDArray[np.float32], counts: npt.NDArray[np.int64], dimension: int) -> Vectors:
    """Centre vectors and reduce them to their first principal components over the corpus's tokens.

    vectors (V, D); counts (V,): how often each occurs. A token weighs as its count, so that the components
    are those of running text. Components are signed so that their largest loading is positive.
    Raises ValueError if `dimension` is above D.
    """
    if dimension > vectors.shape[1]:
        raise ValueError(f"embeddings.dimension {dimension} is above the {vectors.shape[1]} of the pre-trained vectors")
    weights = counts / counts.sum()
    exact = vectors.astype(np.float64)
    centred = exact - weights @ exact
    _, axes = np.linalg.eigh((centred * weights[:, None]).T @ centred)
    kept = axes[:, ::-1][:, :dimension]
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(dimension)])
    return _scaled(centred @ kept)
