"""Vote indicators against the dense matrix of zeros and ones that they stand for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from metal.indicators import BLOCK, Indicators

OFFSETS = np.array([0, 2, 3, 6])
"""Three sources with 2, 1 and 3 labels."""
CODES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 3)), max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int8).reshape(-1, 3)
)


def dense(codes: np.ndarray) -> np.ndarray:
    """The columns are (0, 1), (0, 2), (1, 1), (2, 1), (2, 2), (2, 3): source and code."""
    pairs = [(0, 1), (0, 2), (1, 1), (2, 1), (2, 2), (2, 3)]
    return np.stack([codes[:, i] == c for i, c in pairs], axis=1).astype(np.float64).reshape(len(codes), 6)


@given(CODES, st.integers(0, 1000))
def test_products_are_those_of_the_dense_matrix(codes: np.ndarray, seed: int) -> None:
    random, matrix = np.random.default_rng(seed), dense(codes)
    weights = random.integers(0, 9, size=len(codes))

    for psi in (Indicators.of(codes, OFFSETS), Indicators.of(sparse.csr_array(codes), OFFSETS)):
        assert len(psi) == len(codes)
        np.testing.assert_array_equal(psi.column_sums(weights), weights @ matrix)
        np.testing.assert_array_equal(psi.together(weights), matrix.T @ (weights[:, None] * matrix))
        np.testing.assert_array_equal(psi.codes(OFFSETS, np.int8), codes)
        np.testing.assert_array_equal(psi.codes(OFFSETS, np.int8, [2, 0]), codes[:, [2, 0]])
        values = random.integers(0, 2**64, size=6, dtype=np.uint64)  # sums wrap around
        expected = [sum(int(values[a]) for a in np.flatnonzero(row)) % 2**64 for row in matrix]
        assert psi.sums(values).tolist() == expected


@given(CODES, st.data())
def test_rows_are_taken_and_stacked(codes: np.ndarray, data: st.DataObject) -> None:
    psi = Indicators.of(codes, OFFSETS)
    rows = data.draw(arrays(np.int64, st.integers(0, 20), elements=st.integers(0, max(len(codes) - 1, 0))))
    rows = rows[: len(rows) if len(codes) else 0]

    taken = psi.take(rows)
    both = Indicators.concatenated([taken, psi])

    np.testing.assert_array_equal(taken.codes(OFFSETS, np.int8), codes[rows])
    np.testing.assert_array_equal(both.codes(OFFSETS, np.int8), np.concatenate([codes[rows], codes]))


def test_blocks_and_wide_codes_make_no_difference() -> None:
    """More rows than a block holds, a number of cells that eights do not divide, codes of two bytes, rare votes."""
    random = np.random.default_rng(0)
    codes = random.integers(1, 300, size=(2 * BLOCK + 5, 7)).astype(np.int16)
    codes[random.random(codes.shape) < 0.9] = 0
    offsets = np.arange(8) * 300

    psi, narrow = Indicators.of(codes, offsets), Indicators.of((codes > 0).astype(np.int8), np.arange(8))

    assert [rows.stop - rows.start for rows, _, _ in psi.blocks] == [BLOCK, BLOCK, 5]
    np.testing.assert_array_equal(psi.codes(offsets, np.int16), codes)
    np.testing.assert_array_equal(narrow.codes(np.arange(8), np.int8), codes > 0)
    np.testing.assert_array_equal(narrow.column_sums(np.ones(len(codes))), (codes > 0).sum(axis=0))


def test_rare_pairs_and_dense_ones_are_counted_alike() -> None:
    random = np.random.default_rng(1)
    codes = np.where(random.random((500, 40)) < 0.05, 1, 0).astype(np.int8)  # 2 of 40: pairs of ones only

    counted = Indicators.of(codes, np.arange(41)).together(np.arange(500))

    np.testing.assert_array_equal(counted, codes.T.astype(float) @ (np.arange(500)[:, None] * codes))
