"""Ragged token sequences: flat ids and offsets, and length-bucketed batches of them.

Texts become token ids once; every trial then reads the same arrays. No text is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNKNOWN = "[UNK]"
"""The token that stands for every token outside the vocabulary; always id 0."""

_WORD = re.compile(r"[^\W\d_]+|\d+")


def words(text: str) -> list[str]:
    """Split a text into its lower-case runs of letters and runs of digits; punctuation is left out."""
    return _WORD.findall(text.lower())


def build_vocabulary(texts: Iterable[Sequence[str]], *, min_count: int = 1) -> tuple[str, ...]:
    """Return `UNKNOWN`, then the tokens seen at least `min_count` times, most frequent first (ties by name)."""
    counts = Counter(token for text in texts for token in text)
    counts.pop(UNKNOWN, None)
    kept = sorted((token for token, count in counts.items() if count >= min_count), key=lambda t: (-counts[t], t))
    return (UNKNOWN, *kept)


@dataclass(frozen=True)
class Tokens:
    """Token ids of n texts: text i is `ids[offsets[i]:offsets[i + 1]]`.

    ids : int32, all texts one after another; offsets : int64, shape (n + 1,), from 0 to len(ids)
    Raises ValueError if the offsets do not fit the ids.
    """

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        offsets = self.offsets
        if offsets.ndim != 1 or len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(self.ids):
            raise ValueError(f"offsets must run from 0 to {len(self.ids)}, the number of token ids")
        if np.any(np.diff(offsets) < 0):
            raise ValueError(f"offsets must not fall; they do after text {int(np.argmax(np.diff(offsets) < 0))}")

    @classmethod
    def encode(cls, texts: Iterable[Sequence[str]], vocabulary: Sequence[str], *, max_tokens: int) -> Tokens:
        """Look tokens up in a vocabulary whose id 0 is `UNKNOWN`; keep the first `max_tokens` of each text.

        A text without tokens becomes one `UNKNOWN`, so that every text has something to read.
        """
        if not vocabulary or vocabulary[0] != UNKNOWN:
            raise ValueError(f"a vocabulary starts with {UNKNOWN!r}; this one with {list(vocabulary[:1])}")
        if max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
        index = {token: position for position, token in enumerate(vocabulary)}
        rows = [[index.get(token, 0) for token in text[:max_tokens]] or [0] for text in texts]
        return cls.from_rows(rows)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[int] | npt.NDArray[np.int32]]) -> Tokens:
        """Join rows of ids."""
        ids = np.concatenate([np.asarray(row, dtype=np.int32) for row in rows]) if rows else np.zeros(0, np.int32)
        return cls(ids, np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, position: int) -> npt.NDArray[np.int32]:
        return self.ids[self.offsets[position] : self.offsets[position + 1]]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """The number of tokens of each text, shape (n,)."""
        return np.diff(self.offsets)

    def take(self, positions: npt.NDArray[np.int64]) -> Tokens:
        """Return the texts at these positions, in this order."""
        return Tokens.from_rows([self[int(position)] for position in positions])

    def counts(self, size: int) -> npt.NDArray[np.int64]:
        """Return how often each of `size` token ids occurs, shape (size,)."""
        return np.bincount(self.ids, minlength=size)

    def padded(self, positions: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return ids padded with 0 to the longest of these texts, (batch, time), and their lengths (batch,)."""
        lengths = self.lengths[positions]
        steps = np.arange(int(lengths.max()))
        inside = steps < lengths[:, None]
        source = np.where(inside, self.offsets[positions][:, None] + steps, 0)
        return np.where(inside, self.ids[source], 0).astype(np.int64), lengths


def word_pieces(texts: Iterable[str], tokenizer: str, *, max_tokens: int) -> tuple[Tokens, tuple[str, ...], int]:
    """Cut texts into the word pieces of a tokenizer, with the special tokens that its encoder expects.

    tokenizer : its JSON, as published with the encoder
    Returns the pieces' ids, the vocabulary by id, and how many texts were cut at `max_tokens`.
    Raises ValueError for a text that comes out without any token.
    """
    from tokenizers import Tokenizer

    pieces = Tokenizer.from_str(tokenizer)
    pieces.no_padding()
    pieces.no_truncation()
    given = list(texts)
    whole = [len(encoding.ids) for encoding in pieces.encode_batch(given)]
    pieces.enable_truncation(max_tokens)
    encoded = [encoding.ids for encoding in pieces.encode_batch(given)]
    if empty := [number for number, ids in enumerate(encoded) if not ids]:
        raise ValueError(f"text {empty[0]} ({given[empty[0]]!r}) has no word pieces")
    names = pieces.get_vocab(with_added_tokens=True)
    vocabulary = tuple(sorted(names, key=lambda piece: names[piece]))
    return Tokens.from_rows(encoded), vocabulary, sum(length > max_tokens for length in whole)


def batches(
    lengths: npt.NDArray[np.int64], size: int, generator: np.random.Generator | None = None
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield positions in batches of texts of similar length, each position once.

    With a generator, lengths are blurred by up to a quarter and the batches come in random order, so
    that every epoch sees other batches at little padding; without one, the order is fixed.
    """
    if size < 1:
        raise ValueError(f"the batch size must be at least 1, not {size}")
    keys = lengths.astype(np.float64)
    if generator is not None:
        keys = keys * generator.uniform(0.75, 1.25, len(keys))
    order = np.argsort(keys, kind="stable")
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    sequence = range(len(parts)) if generator is None else generator.permutation(len(parts))
    for part in sequence:
        yield parts[part]
