"""Ragged tokens and length-bucketed batches."""

from __future__ import annotations

import numpy as np
import pytest

from metal.end_model.tokens import UNKNOWN, Tokens, batches, build_vocabulary, words


def test_words_are_runs_of_letters_or_digits_in_lower_case() -> None:
    assert words("No T9 fracture; heart-size NORMAL (été).") == [
        *("no", "t", "9", "fracture", "heart", "size", "normal", "été"),
    ]


def test_vocabulary_starts_with_unknown_and_is_ordered_by_count_then_name() -> None:
    texts = [["b", "a", "b"], ["c", "a", "rare", UNKNOWN]]
    # b and a occur twice, c and rare once
    assert build_vocabulary(texts) == (UNKNOWN, "a", "b", "c", "rare")
    assert build_vocabulary(texts, min_count=2) == (UNKNOWN, "a", "b")


def test_encoding_cuts_maps_unknown_words_to_zero_and_gives_an_empty_text_one_token() -> None:
    tokens = Tokens.encode([["a", "x", "b"], [], ["b"]], (UNKNOWN, "a", "b"), max_tokens=2)
    assert tokens.ids.tolist() == [1, 0, 0, 2]
    assert tokens.offsets.tolist() == [0, 2, 3, 4]
    assert tokens.lengths.tolist() == [2, 1, 1]
    assert tokens.counts(3).tolist() == [2, 1, 1]
    assert tokens.take(np.array([2, 0])).ids.tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("vocabulary", "max_tokens", "message"),
    [(("a",), 2, r"starts with '\[UNK\]'"), ((UNKNOWN,), 0, "max_tokens must be at least 1, not 0")],
)
def test_encoding_refuses(vocabulary: tuple[str, ...], max_tokens: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tokens.encode([["a"]], vocabulary, max_tokens=max_tokens)


@pytest.mark.parametrize(
    ("offsets", "message"), [([0, 2], "from 0 to 3"), ([1, 3], "from 0 to 3"), ([0, 2, 1, 3], "after text 1")]
)
def test_offsets_that_do_not_fit_are_refused(offsets: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tokens(np.array([1, 2, 3], dtype=np.int32), np.array(offsets))


def test_padding_fills_with_zero_up_to_the_longest() -> None:
    tokens = Tokens.from_rows([[1, 2, 3], [4], [5, 6]])
    ids, lengths = tokens.padded(np.array([1, 2]))
    assert ids.tolist() == [[4, 0], [5, 6]]
    assert lengths.tolist() == [1, 2]


def test_batches_hold_each_text_once_and_texts_of_similar_length_together() -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 1000)
    drawn = list(batches(lengths, 32, np.random.default_rng(1)))
    assert sorted(np.concatenate(drawn)) == list(range(1000))
    assert [len(part) for part in drawn].count(32) == 31
    # Lengths are blurred by a factor between 3/4 and 5/4, so a batch spans little more than 5/3 in length, where
    # batches drawn at random would pad from an average of 100 to nearly 200.
    padded = sum(int(lengths[part].max()) * len(part) for part in drawn)
    assert padded < 1.35 * lengths.sum()
    assert [part.tolist() for part in drawn] == [
        part.tolist() for part in batches(lengths, 32, np.random.default_rng(1))
    ]
    assert [part.tolist() for part in batches(np.array([3, 1, 2]), 2)] == [[1, 2], [0]]
