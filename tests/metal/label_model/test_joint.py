"""Joint sources under "map": correlations given Y by hand, and what they make of several votes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from metal import LabelMatrix, LabelModel, TaskGraph
from metal.label_model.emissions import Unit
from metal.label_model.joint import JointSource
from metal.synthetic import copying_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
ALL = np.eye(2, dtype=bool)  # a source that may vote "no" and "yes"
YES = ALL[1:]  # one that votes "yes" only


def joint(patterns: list[list[int]], *events: npt.NDArray[np.bool_]) -> JointSource:
    columns = tuple(range(len(events)))
    return JointSource(Unit(columns, np.array(patterns, dtype=np.int16)), list(events))


def test_copies_count_as_one_vote() -> None:
    copies = joint([[0, 0], [1, 1], [2, 2]], ALL, ALL)
    expected = np.array([[10.0, 20.0], [30.0, 5.0], [10.0, 25.0]])

    assert copies.correlations(expected) == pytest.approx(np.array([[0, 1], [1, 0]]))
    assert copies.counts_for(expected) == pytest.approx([1, 0.5, 0.5])
    one_vote = np.log([[1.0, 1.0], [1.6, 0.4], [0.4, 1.6]])
    assert copies.evidence([one_vote] * 2, copies.counts_for(expected)) == pytest.approx(one_vote)


def test_sources_that_are_independent_given_y_keep_their_product() -> None:
    # Given "no" the first votes on 1/2 and the second on 1/4 of the rows, given "yes" on 1/4 and 1/2; 80 rows of each.
    independent = joint([[0, 0], [0, 1], [1, 0], [1, 1]], YES, YES)
    expected = np.array([[30.0, 30.0], [10.0, 30.0], [30.0, 10.0], [10.0, 10.0]])

    assert independent.correlations(expected) == pytest.approx(np.zeros((2, 2)), abs=1e-15)
    assert independent.counts_for(expected) == pytest.approx(np.ones(4))


def test_a_source_whose_votes_are_among_anothers_adds_nothing() -> None:
    # The second votes only where the first does: C = N_2 (1 - N_1 / N) is less than its own variance by N_2 (N_1 -
    # N_2) / N. One class of 100 rows, 40 with the first's vote, 10 with both: C = 10 - 4 = 6, C_22 = 10 - 1 = 9.
    nested = joint([[0, 0], [1, 0], [1, 1]], YES, YES)
    expected = np.array([[0.0, 60.0], [0.0, 30.0], [0.0, 10.0]])

    assert nested.correlations(expected)[0, 1] == pytest.approx(6 / 9)
    assert nested.counts_for(expected)[2] == pytest.approx(1 / (1 + 6 / 9))


def test_sources_that_exclude_each_other_are_not_counted_for_less() -> None:
    exclusive = joint([[0, 0], [0, 1], [1, 0]], YES, YES)

    assert not exclusive.correlations(np.array([[50.0, 10.0], [10.0, 20.0], [10.0, 20.0]])).any()


def test_votes_that_contradict_each_other_are_no_correlation() -> None:
    # Whenever the first says "no" the second says "yes": their covariance is of labels that do not agree.
    opposed = joint([[0, 0], [1, 2]], ALL, ALL)

    assert not opposed.correlations(np.array([[50.0, 50.0], [20.0, 10.0]])).any()


def test_silence_is_what_the_other_patterns_leave() -> None:
    copies = joint([[0, 0], [1, 1], [2, 2]], ALL, ALL)
    expected = np.array([[10.0, 20.0], [30.0, 5.0], [10.0, 25.0]])
    balance = np.array([0.5, 0.5])
    members = [np.log([[1.0, 1.0], [1.6, 0.4], [0.4, 1.6]])] * 2

    table = copies.table(members, expected, balance, shrinkage=0.5, prior_strength=5.0, use_abstains=True)

    # P(pattern | y) = P(pattern) exp(table), summed over the patterns, is one for every y.
    assert np.array([0.3, 0.35, 0.35]) @ np.exp(table) == pytest.approx([1, 1])
    unused = copies.table(members, expected, balance, shrinkage=0.5, prior_strength=5.0, use_abstains=False)
    assert not unused[0].any()


def test_declared_pairs_of_rare_sources_do_not_drown_the_votes_in_their_silence() -> None:
    """Twenty rare pairs, silent together on most rows: each silence says little, and all together must too."""
    generator = np.random.default_rng(3)
    n, pairs = 4_000, 20
    truth = generator.integers(1, 3, n)
    codes = np.zeros((n, 2 * pairs + 3), dtype=np.int8)
    for pair in range(pairs):
        label = 1 + pair % 2
        voted = generator.random(n) < np.where(truth == label, 0.08, 0.02)
        codes[voted, 2 * pair] = label
        codes[voted & (generator.random(n) < 0.6), 2 * pair + 1] = label
    for column in range(2 * pairs, 2 * pairs + 3):
        right = generator.random(n) < 0.7
        codes[:, column] = np.where(generator.random(n) < 0.4, np.where(right, truth, 3 - truth), 0)
    votes = LabelMatrix.from_array(codes, SPAM)
    names = votes.names
    declared = [(names[2 * pair], names[2 * pair + 1]) for pair in range(pairs)]

    def accuracy(dependencies: list[tuple[str, str]]) -> float:
        model = LabelModel(SPAM, dependencies, class_balance=[0.35, 0.65], use_abstains=True, shrinkage=0.5).fit(
            votes
        )  # a given balance that is somewhat off is what silence used to amplify
        return float((model.predict(votes) + 1 == truth).mean())

    assert accuracy(declared) > accuracy([]) - 0.02


def test_declaring_true_copies_helps_where_the_fit_shrinks() -> None:
    world = copying_world([3, 3], seed=4, m=12)
    votes, truth = world.sample(5_000, seed=5)
    edges = [
        (a, b)
        for group in (("source_0", "source_1", "source_2"), ("source_3", "source_4", "source_5"))
        for a in group
        for b in group
        if a < b
    ]

    def accuracy(dependencies: list[tuple[str, str]]) -> float:
        model = LabelModel(votes.tasks, dependencies, shrinkage=0.5).fit(votes)
        return float((model.predict(votes) == truth).mean())

    assert accuracy(edges) >= accuracy([]) - 0.005


@pytest.mark.parametrize("rounding", [0.0, 1e-14])
def test_votes_that_the_labels_explain_altogether_are_no_correlation(rounding: float) -> None:
    # Both vote on every row of "yes" and on none of "no": given Y nothing varies, whatever rounding leaves.
    copies = joint([[0, 0], [1, 1]], YES, YES)

    assert not copies.correlations(np.array([[50.0, rounding], [rounding, 50.0]])).any()
