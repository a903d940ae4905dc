import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.baselines import MajorityVote
from metal.baselines.task_votes import implied_codes, task_votes
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
# Feasible: (high, now), (high, soon), (low, N/A)
TRIAGE = TaskGraph.hierarchy(Task("acuity", ("high", "low")), Task("high", ("now", "soon"), parent=("acuity", "high")))
SPACES = (
    LabelSpace.checked("coarse", ["acuity"], [("high",), ("low",)], TRIAGE),
    LabelSpace.checked("fine", ["high"], [("now",), ("soon",), ("N/A",)], TRIAGE),
    LabelSpace.checked("both", ["acuity", "high"], TRIAGE.feasible, TRIAGE),
    LabelSpace.checked("other", ["acuity"], [("low",), ("high",)], TRIAGE),
)


def triage(*rows: list[int]) -> LabelMatrix:
    return LabelMatrix(np.array(rows), SPACES, TRIAGE)


def test_votes_imply_labels_of_other_tasks() -> None:
    votes = triage([1, 1, 3, 2], [2, 3, 2, 0], [0, 2, 0, 1])

    # Of acuity: "now" and "soon" imply high (1), N/A implies low (2).
    assert implied_codes(votes, "acuity").tolist() == [[1, 1, 2, 1], [2, 2, 1, 0], [0, 1, 0, 2]]
    # Of high: "low" implies N/A (3); "high" leaves now and soon open.
    assert implied_codes(votes, "high").tolist() == [[0, 1, 3, 0], [3, 3, 2, 0], [0, 2, 0, 3]]
    assert task_votes(votes, "high").tasks.feasible == (("now",), ("soon",), ("N/A",))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # acuity: high, high, low, high = 3/4; high's labels: now alone = 1.
        ([1, 1, 3, 2], [3 / 4, 0, 1 / 4]),
        # acuity: low, low, high = 1/3; below: soon alone (N/A is no label of the task).
        ([2, 3, 2, 0], [0, 1 / 3, 2 / 3]),
        # acuity: high 2 of 2; below: now against soon.
        ([0, 1, 2, 0], [1 / 2, 1 / 2, 0]),
        # A coarse vote alone is shared evenly below.
        ([1, 0, 0, 0], [1 / 2, 1 / 2, 0]),
        # No vote: each task evenly, so a leaf one level down gets a quarter.
        ([0, 0, 0, 0], [1 / 4, 1 / 4, 1 / 2]),
    ],
)
def test_shares_down_the_tree_by_hand(row: list[int], expected: list[float]) -> None:
    np.testing.assert_allclose(MajorityVote(TRIAGE).predict_proba(triage(row)), [expected])


def test_winner_takes_all_splits_ties_evenly() -> None:
    vote = MajorityVote(TRIAGE, winner_takes_all=True)

    # 3 to 1 for high; now alone below. Then 1 to 1 on acuity, soon below.
    result = vote.predict_proba(triage([1, 1, 3, 2], [0, 2, 0, 1]))

    np.testing.assert_allclose(result, [[1.0, 0.0, 0.0], [0.0, 1 / 2, 1 / 2]])


def test_a_single_task_is_the_plain_majority() -> None:
    votes = LabelMatrix.from_array(np.array([[1, 1, 2], [2, 0, 2], [1, 2, 0], [0, 0, 0]]), SPAM)

    expected = [[2 / 3, 1 / 3], [0.0, 1.0], [1 / 2, 1 / 2], [1 / 2, 1 / 2]]
    np.testing.assert_allclose(MajorityVote(SPAM).predict_proba(votes), expected)
    assert MajorityVote(SPAM).predict(votes).tolist() == [0, 1, 0, 0]


def test_independent_tasks_are_voted_on_apart() -> None:
    graph = TaskGraph.independent(Task("a", ("0", "1")), Task("b", ("0", "1")))
    spaces = [
        LabelSpace.checked(f"{task}{i}", [task], [("0",), ("1",)], graph) for task, i in (("a", 0), ("a", 1), ("b", 0))
    ]
    votes = LabelMatrix(np.array([[1, 2, 2]]), spaces, graph)

    # a: one each; b: 1. F is 00, 01, 10, 11.
    np.testing.assert_allclose(MajorityVote(graph).predict_proba(votes), [[0, 1 / 2, 0, 1 / 2]])


def test_other_feasible_sets_share_agreements() -> None:
    # Two tasks that must be equal: no hierarchy of these tasks has this F.
    graph = TaskGraph([Task("a", ("0", "1", "2")), Task("b", ("0", "1", "2"))], [("0", "0"), ("1", "1"), ("2", "2")])
    spaces = [LabelSpace.checked(name, [name[0]], [("0",), ("1",), ("2",)], graph) for name in ("a_x", "a_y", "b_x")]
    vote = MajorityVote(graph)

    result = vote.predict_proba(LabelMatrix(np.array([[1, 2, 2], [0, 0, 0]]), spaces, graph))

    assert not vote.hierarchical
    np.testing.assert_allclose(result, [[1 / 3, 2 / 3, 0], [1 / 3, 1 / 3, 1 / 3]])


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), max_size=6))
def test_every_row_is_a_distribution_over_the_feasible_set(rows: list[tuple[int, ...]]) -> None:
    votes = LabelMatrix(np.array(rows, dtype=np.int64).reshape(len(rows), 4), SPACES, TRIAGE)

    for winner_takes_all in (False, True):
        result = MajorityVote(TRIAGE, winner_takes_all=winner_takes_all).predict_proba(votes)
        assert result.shape == (len(rows), 3)
        np.testing.assert_allclose(result.sum(axis=1), 1)
        assert (result >= 0).all()


def test_votes_over_another_graph_are_refused() -> None:
    with pytest.raises(ValueError, match="the votes are over"):
        MajorityVote(SPAM).predict_proba(triage([1, 1, 1, 1]))
