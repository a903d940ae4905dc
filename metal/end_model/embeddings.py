"""Word vectors from four places: a word-piece table, a GloVe text file, the corpus itself, or chance.

All give one float32 row a word of the vocabulary, whose first entry is `UNKNOWN`, scaled so that the mean square
of an entry over the running words of the corpus is 1: learning rates then mean the same whatever the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metal.end_model.tokens import Tokens

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Vectors = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


class EmbeddingError(ValueError):
    """Word vectors cannot be made: a damaged file, or a dimension that the source does not have."""


def random_vectors(vocabulary: Sequence[str], dimension: int, *, seed: int) -> Vectors:
    """Return independent standard normal vectors, shape (len(vocabulary), dimension)."""
    return np.random.default_rng(seed).normal(size=(len(vocabulary), dimension)).astype(np.float32)


def word_piece_vectors(vocabulary: Sequence[str], table: Vectors, tokenizer: str) -> Vectors:
    """Return each word's vector as the mean of its pieces' rows in `table`, shape (len(vocabulary), D).

    table : (pieces, D), the input embeddings of a transformer
    tokenizer : the JSON of its `tokenizers` tokenizer

    One vector a word keeps sequences as short as the text; pieces would make them half as long again.
    Raises EmbeddingError if the tokenizer has pieces that the table lacks.
    """
    from tokenizers import Tokenizer

    pieces = Tokenizer.from_str(tokenizer)
    pieces.no_truncation()
    pieces.no_padding()
    if pieces.get_vocab_size() > len(table):
        raise EmbeddingError(f"the tokenizer has {pieces.get_vocab_size()} pieces, the table {len(table)} rows")
    encoded = pieces.encode_batch(list(vocabulary), add_special_tokens=False)
    return np.stack([table[word.ids].mean(axis=0) for word in encoded]).astype(np.float32)


def glove_vectors(lines: Iterable[str], vocabulary: Sequence[str], *, name: str) -> Vectors:
    """Read the vectors of a vocabulary from lines `word number ... number`, shape (len(vocabulary), D).

    A word that is not listed gets the mean of those that are. A word may hold spaces, as some do in the larger
    published files: the numbers are the last D fields, D being that of the first line.
    Raises EmbeddingError with `name` and the line's number for a line of another length or without numbers.
    """
    position = {word: index for index, word in enumerate(vocabulary)}
    dimension = 0
    found: dict[int, Vectors] = {}
    for number, line in enumerate(lines, start=1):
        fields = line.rstrip("\r\n ").split(" ")
        dimension = dimension or len(fields) - 1
        if dimension < 1 or len(fields) < dimension + 1:
            raise EmbeddingError(
                f"{name}, line {number}: {len(fields) - 1} numbers after the word, expected {max(dimension, 1)}"
            )
        word = " ".join(fields[:-dimension])
        if word not in position:
            continue
        try:
            vector = np.array(fields[-dimension:], dtype=np.float32)
        except ValueError as error:
            raise EmbeddingError(
                f"{name}, line {number}: the vector of {word!r} is not all numbers: {error}"
            ) from error
        if not np.isfinite(vector).all():
            raise EmbeddingError(f"{name}, line {number}: the vector of {word!r} is not finite")
        found[position[word]] = vector
    if not found:
        raise EmbeddingError(f"{name} has none of the corpus's {len(vocabulary)} words; is it a GloVe text file?")
    result = np.tile(np.mean(list(found.values()), axis=0, dtype=np.float32), (len(vocabulary), 1))
    for index, vector in found.items():
        result[index] = vector
    return result


def ppmi_matrix(tokens: Tokens, size: int, *, window: int) -> csr_array:
    """Return the positive pointwise mutual information of words and their neighbours, sparse (size, size).

    max(0, log(c(a,b) c / (c(a) c(b)))) with c(a,b) the number of times that b stands within `window` words of a
    in the same text, and margins and total of these same counts. Symmetric.
    Source: Levy and Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", NeurIPS 2014, section 3.
    """
    from scipy.sparse import coo_array, csr_array

    text = np.repeat(np.arange(len(tokens)), tokens.lengths)
    pairs = csr_array((size, size), dtype=np.float64)
    for distance in range(1, window + 1):
        together = text[distance:] == text[:-distance]
        left, right = tokens.ids[:-distance][together], tokens.ids[distance:][together]
        pairs = pairs + coo_array((np.ones(len(left)), (left, right)), shape=(size, size)).tocsr()
    counts = (pairs + pairs.T).tocoo()
    margin = counts.sum(axis=1)
    information = np.log(counts.data * counts.data.sum() / (margin[counts.row] * margin[counts.col]))
    result = csr_array((np.maximum(information, 0), (counts.row, counts.col)), shape=(size, size))
    result.eliminate_zeros()
    return result


def ppmi_vectors(tokens: Tokens, size: int, dimension: int, *, window: int, seed: int) -> Vectors:
    """Return U sqrt(S) of the truncated singular value decomposition of `ppmi_matrix`, shape (size, dimension).

    seed : of the iteration's start. Raises EmbeddingError if the vocabulary is not larger than `dimension`.
    """
    from scipy.sparse.linalg import svds

    if dimension >= size:
        raise EmbeddingError(f"embeddings.dimension {dimension} must be below the number of words, {size}")
    left, values, _ = svds(
        ppmi_matrix(tokens, size, window=window),
        k=dimension,
        v0=np.random.default_rng(seed).uniform(-1, 1, size),
        return_singular_vectors="u",
    )
    order = np.argsort(-values, kind="stable")
    return _signed(left[:, order] * np.sqrt(values[order])).astype(np.float32)


def reduced_vectors(vectors: Vectors, counts: Counts, dimension: int) -> Vectors:
    """Centre vectors, reduce them to their first principal components, and scale them; (V, D) to (V, dimension).

    counts (V,): how often each word occurs. A word weighs as often, so that mean, components and scale are those of
    running text. Raises EmbeddingError if `dimension` is above D.
    """
    if dimension > vectors.shape[1]:
        raise EmbeddingError(
            f"embeddings.dimension {dimension} is above the {vectors.shape[1]} that the vectors have; lower it"
        )
    weights = counts / counts.sum()
    exact = vectors.astype(np.float64)
    centred = exact - weights @ exact
    _, axes = np.linalg.eigh((centred * weights[:, None]).T @ centred)
    reduced = centred @ _signed(axes[:, ::-1][:, :dimension])
    size = float(np.sqrt(np.mean(weights @ reduced**2)))
    return np.asarray(reduced / size if size > 0 else reduced, dtype=np.float32)


def _signed(columns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn each column so that its entry of greatest size is positive: eigenvectors have no sign of their own."""
    largest = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    return columns * np.where(largest < 0, -1.0, 1.0)
