import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import Task, TaskGraph

COLOUR = TaskGraph.single("colour", ("red", "green", "blue"))
TRIAGE = TaskGraph.hierarchy(Task("acuity", ("high", "low")), Task("high", ("now", "soon"), parent=("acuity", "high")))


def test_codes_come_from_arrays_frames_and_sparse_matrices_alike() -> None:
    codes = np.array([[0, 3], [2, 1]])

    for votes in (codes, codes.astype(float), pd.DataFrame(codes), sparse.csr_matrix(codes)):
        assert LabelMatrix.from_array(votes, COLOUR).codes.tolist() == [[0, 3], [2, 1]]
    named = LabelMatrix.from_array(pd.DataFrame(codes, columns=["left", "right"]), COLOUR)
    assert named.names == ("left", "right")
    assert LabelMatrix.from_array(codes, COLOUR).names == ("source_0", "source_1")


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        (np.array([[1.0, np.nan]]), r"source 'source_1' voted nan \(row 0\)"),
        (np.array([[1.0, 1.5]]), r"source 'source_1' voted 1.5 \(row 0\)"),
        (np.array([[1, 1], [4, 1]]), r"source 'source_0' voted 4 on tasks \['colour'\] \(row 1\); its labels are 1..3"),
        (np.array([[-1, 1]]), "source 'source_0' voted -1"),
        (np.array([["red", "x"]]), "must be integer codes"),
        (np.array([1, 2]), r"shape \(n, m\)"),
        (np.array([["1", "2"]]), "must be integer codes"),
        (np.array([[1, "2"]], dtype=object), r"source 'source_1' voted '2' \(row 0\); votes must be integer codes"),
        (
            sparse.coo_array(([3, 1, 1], ([0, 1, 1], [0, 1, 1])), shape=(2, 2)),
            r"source 'source_1' has two votes on one row \(row 1\): \[1, 1\]",
        ),
        (
            sparse.csr_array(([1, 1], [0, 0], [0, 2]), shape=(1, 2)),
            r"source 'source_0' has two votes on one row \(row 0",
        ),
    ],
)
def test_wrong_votes_are_named_by_source_row_and_value(votes: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LabelMatrix.from_array(votes, COLOUR)


def test_wrong_names_and_spaces() -> None:
    codes = np.array([[1, 1]])
    with pytest.raises(ValueError, match="3 names for 2 columns"):
        LabelMatrix.from_array(codes, COLOUR, names=["a", "b", "c"])
    with pytest.raises(ValueError, match=r"doubled: \['a'\]"):
        LabelMatrix.from_array(codes, COLOUR, names=["a", "a"])
    with pytest.raises(ValueError, match="unknown task 'shape'"):
        LabelSpace.checked("s", ["shape"], [("round",)], COLOUR)
    with pytest.raises(ValueError, match=r"source 's' lists a task twice: \['colour', 'colour'\]"):
        LabelSpace.checked("s", ["colour", "colour"], [("red", "red")], COLOUR)
    with pytest.raises(ValueError, match="contradicts the feasible set"):
        LabelSpace.checked("s", ["acuity", "high"], [("low", "now")], TRIAGE)


def mixed() -> LabelMatrix:
    """Four rows of a coarse, a fine and a unipolar source."""
    spaces = [
        LabelSpace.checked("coarse", ["acuity"], [("high",), ("low",)], TRIAGE),
        LabelSpace.checked("fine", ["high"], [("now",), ("soon",), ("N/A",)], TRIAGE),
        LabelSpace.checked("only_low", ["acuity"], [("low",)], TRIAGE),
    ]
    return LabelMatrix(np.array([[1, 1, 0], [1, 3, 0], [2, 0, 1], [0, 2, 1]]), spaces, TRIAGE)


def test_coverage_overlap_and_conflict() -> None:
    votes = mixed()

    # Voted: coarse in rows 0, 1, 2; fine in 0, 1, 3; only_low in 2, 3. Every row has two voters.
    np.testing.assert_allclose(votes.coverage(), [0.75, 0.75, 0.5])
    np.testing.assert_allclose(votes.overlap(), [0.75, 0.75, 0.5])
    # Row 0: high and now agree. Row 1: high and N/A exclude each other. Row 2: low, low. Row 3: soon against low.
    expected = [[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]]
    np.testing.assert_allclose(votes.conflicts(), expected)
    np.testing.assert_allclose(votes.conflict(), [0.25, 0.5, 0.25])


def test_allowed_sets_and_rows() -> None:
    votes = mixed()

    # F is (high, now), (high, soon), (low, N/A); abstaining allows all.
    assert votes.allowed(1).tolist() == [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert votes.rows([2, 0]).codes.tolist() == [[2, 0, 1], [1, 1, 0]]
    assert votes.frame().columns.tolist() == ["coarse", "fine", "only_low"]


def test_rows_without_a_vote_are_told_dense_or_sparse() -> None:
    codes = np.array([[0, 0], [2, 0], [0, 0], [1, 1]])

    for votes in (codes, sparse.csr_array(codes), sparse.coo_array(codes), sparse.csc_array(codes)):
        assert LabelMatrix.from_array(votes, COLOUR).unvoted.tolist() == [True, False, True, False]
    assert LabelMatrix.from_array(codes[:0], COLOUR).unvoted.shape == (0,)


def test_many_labels_need_a_wider_type() -> None:
    graph = TaskGraph.single("word", [f"w{i}" for i in range(200)])

    assert LabelMatrix.from_array(np.array([[200]]), graph).codes.tolist() == [[200]]
