"""Word vectors: exact on toy corpora and in the published file formats."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from metal.end_model.embeddings import (
    EmbeddingError,
    glove_vectors,
    ppmi_matrix,
    ppmi_vectors,
    random_vectors,
    reduced_vectors,
    word_piece_vectors,
)
from metal.end_model.tokens import UNKNOWN, Tokens

WORDS = (UNKNOWN, "heart", "lung", "heartlung")


def word_piece_tokenizer() -> str:
    tokenizer = Tokenizer(models.WordPiece({UNKNOWN: 0, "heart": 1, "##lung": 2, "lung": 3}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([UNKNOWN])
    return str(tokenizer.to_str())


def test_a_words_vector_is_the_mean_of_its_pieces() -> None:
    table = np.array([[0, 0], [1, 0], [3, 4], [5, 5]], dtype=np.float32)
    vectors = word_piece_vectors(WORDS, table, word_piece_tokenizer())
    # heartlung = heart + ##lung: mean of (1, 0) and (3, 4)
    assert vectors.tolist() == [[0, 0], [1, 0], [5, 5], [2, 2]]


def test_a_table_smaller_than_the_tokenizer_is_refused() -> None:
    with pytest.raises(EmbeddingError, match="4 pieces, the table 3 rows"):
        word_piece_vectors(WORDS, np.zeros((3, 2), dtype=np.float32), word_piece_tokenizer())


def test_glove_reads_its_text_format_and_gives_absent_words_the_mean() -> None:
    lines = ["the 9 9\n", "lung 1.5 -2\r\n", "heart 0.5 1e1\n", ". . . 4 4\n"]
    vectors = glove_vectors(lines, (*WORDS, ". . ."), name="vectors.txt")
    # [UNK] and heartlung are not listed: mean of the found (1.5, -2), (.5, 10), (4, 4)
    assert vectors.tolist() == [[2, 4], [0.5, 10], [1.5, -2], [2, 4], [4, 4]]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["lung 1 2", "heart 3"], r"vectors\.txt, line 2: 1 numbers after the word, expected 2"),
        (["lung 1 2", "heart 3 four"], r"vectors\.txt, line 2: the vector of 'heart' is not all numbers"),
        (["lung 1 nan"], r"vectors\.txt, line 1: the vector of 'lung' is not finite"),
        (["lung"], r"vectors\.txt, line 1: 0 numbers"),
        (["spleen 1 2"], r"vectors\.txt has none of the corpus's 4 words"),
        ([], r"vectors\.txt has none"),
    ],
)
def test_a_bad_glove_line_is_named(lines: list[str], message: str) -> None:
    with pytest.raises(EmbeddingError, match=message):
        glove_vectors(lines, WORDS, name="vectors.txt")


def test_ppmi_of_a_toy_corpus() -> None:
    # Texts "1 2 1" and "2 3", window 1. Ordered neighbour pairs: (1,2) 2, (2,1) 2, (2,3) 1, (3,2) 1; total 6.
    # Margins: c(1) = 2, c(2) = 3, c(3) = 1.
    matrix = ppmi_matrix(Tokens.from_rows([[1, 2, 1], [2, 3]]), 4, window=1).toarray()
    expected = np.zeros((4, 4))
    expected[1, 2] = expected[2, 1] = log(2 * 6 / (2 * 3))
    expected[2, 3] = expected[3, 2] = log(1 * 6 / (3 * 1))
    assert matrix == pytest.approx(expected)


def test_ppmi_counts_within_the_window_and_not_across_texts() -> None:
    # Window 2 adds (1, 1) across the middle word, counted from both sides: c(1,1) = 2. Total 8, c(1) = 4, c(2) = 3.
    matrix = ppmi_matrix(Tokens.from_rows([[1, 2, 1], [2, 3]]), 4, window=2).toarray()
    assert matrix[1, 2] == pytest.approx(log(2 * 8 / (4 * 3)))
    assert matrix[1, 1] == 0  # log(2 * 8 / 16) = 0
    assert matrix[1, 3] == 0


def test_ppmi_vectors_are_the_singular_vectors_scaled_by_root_singular_values() -> None:
    generator = np.random.default_rng(0)
    tokens = Tokens.from_rows([generator.integers(0, 12, 20, dtype=np.int32) for _ in range(30)])
    dense = ppmi_matrix(tokens, 12, window=3).toarray()
    vectors = ppmi_vectors(tokens, 12, 5, window=3, seed=0)
    left, values, _ = np.linalg.svd(dense)
    # Signs are free: compare the Gram matrix U S U^T of the five largest.
    assert vectors @ vectors.T == pytest.approx((left[:, :5] * values[:5]) @ left[:, :5].T, abs=1e-5)
    assert np.array_equal(vectors, ppmi_vectors(tokens, 12, 5, window=3, seed=0))


def test_ppmi_needs_more_words_than_dimensions() -> None:
    with pytest.raises(EmbeddingError, match="dimension 4 must be below the number of words, 4"):
        ppmi_vectors(Tokens.from_rows([[1, 2, 3]]), 4, 4, window=1, seed=0)


def test_random_vectors_follow_their_seed() -> None:
    assert np.array_equal(random_vectors(WORDS, 3, seed=1), random_vectors(WORDS, 3, seed=1))
    assert not np.array_equal(random_vectors(WORDS, 3, seed=1), random_vectors(WORDS, 3, seed=2))


def test_reduction_keeps_the_geometry_of_running_text() -> None:
    # Words on a line in space, at 0, 1, 2 times (3, 4); "1" occurs twice. One component keeps their distances, up to
    # the scale: centred coordinates -1, 0, 1 (times 5), whose mean square over the four tokens is (1 + 0 + 0 + 1)/4.
    vectors = np.array([[0, 0], [3, 4], [6, 8]], dtype=np.float32)
    reduced = reduced_vectors(vectors, np.array([1, 2, 1]), 1)
    assert np.abs(reduced[:, 0]) == pytest.approx([2**0.5, 0, 2**0.5], abs=1e-6)
    assert reduced[0, 0] == pytest.approx(-reduced[2, 0])


def test_reduction_to_full_dimension_is_a_rotation() -> None:
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(9, 4)).astype(np.float32)
    counts = generator.integers(1, 5, 9)
    reduced = reduced_vectors(vectors, counts, 4).astype(np.float64)
    centred = vectors - counts / counts.sum() @ vectors
    gram, expected = reduced @ reduced.T, centred @ centred.T
    assert gram / gram[0, 0] == pytest.approx(expected / expected[0, 0], abs=1e-4)
    assert counts @ reduced == pytest.approx(np.zeros(4), abs=1e-4)
    assert counts / counts.sum() @ (reduced**2).mean(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_dimension_above_that_of_the_vectors_is_refused() -> None:
    with pytest.raises(EmbeddingError, match="dimension 3 is above the 2"):
        reduced_vectors(np.ones((2, 2), dtype=np.float32), np.array([1, 1]), 3)
