import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.statistics import Statistics, distinct_rows
from metal.tasks import Task, TaskGraph

COLOUR = TaskGraph.single("colour", ("red", "green", "blue"))


def of(codes: object) -> Statistics:
    return Statistics.of(LabelMatrix.from_array(np.array(codes), COLOUR))


def test_distinct_rows_counts_totals_and_cooccurrences() -> None:
    statistics = of([[1, 0], [2, 3], [1, 0], [1, 3]])

    assert statistics.rows.tolist() == [[1, 0], [1, 3], [2, 3]]
    assert statistics.counts.tolist() == [2, 1, 1]
    assert statistics.n == 4
    assert [total.tolist() for total in statistics.totals] == [[0, 3, 1, 0], [2, 0, 0, 2]]
    # Votes are (0, red), (0, green), (0, blue), (1, red), ...: red with blue once, green with blue once in four.
    expected = np.zeros((6, 6))
    expected[0, 0], expected[1, 1], expected[5, 5] = 0.75, 0.25, 0.5
    expected[0, 5] = expected[5, 0] = expected[1, 5] = expected[5, 1] = 0.25
    np.testing.assert_array_equal(statistics.cooccurrences, expected)


def test_voted_tells_rows_without_votes() -> None:
    assert of([[0, 0], [0, 1]]).voted.tolist() == [False, True]


@given(
    arrays(np.int8, st.tuples(st.integers(0, 30), st.integers(1, 4)), elements=st.integers(0, 3)), st.integers(0, 30)
)
def test_merged_statistics_equal_one_pass_to_the_last_bit(codes: np.ndarray, cut: int) -> None:
    together = of(codes)

    assert of(codes[:cut]) + of(codes[cut:]) == together
    assert of(codes[cut:]) + of(codes[:cut]) == together
    assert together.counts.dtype == np.int64
    assert (of(codes[:cut]) + of(codes[cut:])).cooccurrences.tobytes() == together.cooccurrences.tobytes()


@pytest.mark.parametrize("width", [2, 30, 60])
def test_matrices_reduced_at_once_equal_one(width: int) -> None:
    """Rows told apart by exact numbers of 53 bits, of 63, and by sums of random ones."""
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, size=(20, width)).astype(np.int8)[random.integers(0, 20, size=90)]
    parts = [LabelMatrix.from_array(part, COLOUR) for part in np.split(codes, [0, 40, 41])]

    assert Statistics.of(*parts) == of(codes) == Statistics.total(map(Statistics.of, parts))
    np.testing.assert_array_equal(Statistics.of(*parts).counts.sum(), 90)


@given(arrays(np.int8, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=st.integers(0, 3)))
def test_rows_and_positions_rebuild_the_votes(codes: np.ndarray) -> None:
    rows, positions = distinct_rows(codes)

    np.testing.assert_array_equal(rows[positions], codes)
    np.testing.assert_array_equal(rows, np.unique(codes, axis=0))


def test_a_population_has_probabilities_for_counts() -> None:
    space = LabelSpace.checked("s", ["colour"], COLOUR.feasible, COLOUR)
    statistics = Statistics(np.array([[1], [0], [1]]), np.array([0.25, 0.5, 0.25]), [space], COLOUR)

    assert statistics.rows.tolist() == [[0], [1]]
    assert statistics.counts.tolist() == [0.5, 0.5]
    assert statistics.n == 1


def test_wrong_counts_and_merges_are_refused() -> None:
    space = LabelSpace.checked("s", ["colour"], COLOUR.feasible, COLOUR)
    with pytest.raises(ValueError, match="finite and not negative"):
        Statistics(np.array([[1]]), np.array([-1]), [space], COLOUR)
    with pytest.raises(ValueError, match="one a row"):
        Statistics(np.array([[1]]), np.array([1, 2]), [space], COLOUR)
    with pytest.raises(ValueError, match="source 's' voted 4"):
        Statistics(np.array([[4]]), np.array([1]), [space], COLOUR)
    with pytest.raises(ValueError, match="do not add"):
        of([[1, 2]]) + of([[1]])
    other = TaskGraph.independent(Task("colour", ("red", "green", "blue")), Task("size", ("big",)))
    with pytest.raises(ValueError, match="do not add"):
        of([[1]]) + Statistics.of(LabelMatrix.from_array(np.array([[1]]), other))
